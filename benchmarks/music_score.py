"""How well the embedded composer writes: counts on its scores, style by style, against targets.

    python -m benchmarks.music_score [--briefs 40] [--quick] [--json]

Scores are only read, not played, so 320 of them take a minute; `music_sound` then plays a few (`--quick` leaves that
out). A figure is the worst of all styles unless its row says otherwise. Targets are those of docs/sound.md.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import spearmanr

from auratune.music.composition.arranger import arrange
from auratune.music.composition.song_plan import choose_style, make_plan
from auratune.music.styles import STYLES
from benchmarks.music_compose import brief_of

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief
    from auratune.music.score import Note, Score

HARMONY = {"pad", "comp", "arp", "counter", "bass"}
SYNTHETIC = {"house", "synthwave"}
KICK = 36


def briefs(style: str, count: int, seconds: float = 36.0) -> list[MusicBrief]:
    """Briefs around the style's own mood, every seed another."""
    dice = Random(f"score:{style}")
    home = brief_of(style, seconds, 0)
    return [
        replace(
            home,
            valence=max(-1.0, min(1.0, home.valence + dice.uniform(-0.5, 0.5))),
            arousal=max(0.0, min(1.0, home.arousal + dice.uniform(-0.25, 0.25))),
            warmth=dice.uniform(-1, 1),
            brightness=dice.uniform(0, 1),
            seed=dice.randrange(2**32),
        )
        for _ in range(count)
    ]


def bar_beats(score: Score) -> float:
    return score.bar_beats if hasattr(score, "bar_beats") else 4.0


def step_beats(score: Score) -> float:
    return 1.0 / score.steps_per_beat if hasattr(score, "steps_per_beat") else 0.25


def notes_of(score: Score, *roles: str) -> list[Note]:
    return [note for part in score.parts if part.role in roles for note in part.notes]


def tune_of(score: Score) -> list[Note]:
    """The melody as one voice: of notes that begin together the highest; without the last chord."""
    best: dict[int, Note] = {}
    for note in notes_of(score, "melody"):
        slot = round(note.start_beats * 8)
        if note.start_beats < score.total_beats - 0.1 and (slot not in best or note.pitch > best[slot].pitch):
            best[slot] = note
    return [best[slot] for slot in sorted(best)]


def bars_of(score: Score, name: str) -> list[int]:
    return [bar for s in score.sections if s.name == name for bar in range(s.first_bar, s.end_bar)]


def steps_in(score: Score, notes: list[Note], bar: int) -> list[tuple[int, int]]:
    """(step in the bar, pitch) of the notes of a bar, as they were written: timing is rounded off."""
    step, length = step_beats(score), bar_beats(score)
    count = round(length / step)
    found = [(round(n.start_beats / step) - bar * count, n.pitch) for n in notes]
    return sorted((at, pitch) for at, pitch in found if 0 <= at < count)


def rhythm(score: Score, notes: list[Note], bars: list[int]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted({at for at, _ in steps_in(score, notes, bar)})) for bar in bars)


def groove_figures(scores: list[Score]) -> dict[str, float]:
    bars, bass, comp, kicks, locked = [], set(), set(), 0, 0
    for score in scores:
        chorus = bars_of(score, "chorus")
        drums = notes_of(score, "drums")
        if drums:
            bars.append(set(steps_in(score, drums, chorus[0])))
        bass.add(rhythm(score, notes_of(score, "bass"), chorus[:2]))
        comp.add(rhythm(score, notes_of(score, "comp") or notes_of(score, "arp"), chorus[:2]))
        for bar in chorus[:-1]:
            low = {at for at, _ in steps_in(score, notes_of(score, "bass"), bar)}
            hits = {at for at, pitch in steps_in(score, drums, bar) if pitch == KICK}
            # On a four-on-the-floor kick a bass may answer on every off-beat instead.
            answers = {at + 2 for at in hits} if len(hits) >= 4 else hits
            kicks += len(hits)
            locked += max(len(low & hits), len(low & answers))
    return {
        "drum_jaccard": mean(len(a & b) / max(1, len(a | b)) for a, b in combinations(bars, 2)),
        "bass_rhythms": len(bass),
        "comp_rhythms": len(comp),
        "bass_on_kick": locked / max(1, kicks),
    }


def longest_phrase(tune: list[Note]) -> float:
    """Beats from the first note after a rest of at least half a beat to the end of the last before the next one."""
    start, end, longest = None, 0.0, 0.0
    for note in tune:
        if start is None or note.start_beats - end >= 0.45:
            start = note.start_beats
        end = max(end, note.start_beats + note.length_beats)
        longest = max(longest, end - start)
    return longest


def melody_figures(scores: list[Score]) -> dict[str, float]:
    moves: list[int] = []
    turned: list[bool] = []
    repeats = bars = 0
    phrases, tops, lifts = [], [], []
    for score in scores:
        tune = tune_of(score)
        own = [b.pitch - a.pitch for a, b in pairwise(tune)]
        moves += own
        turned += [after * move < 0 for move, after in pairwise(own) if abs(move) >= 5]
        seen: Counter[tuple[Any, ...]] = Counter()
        for bar in range(score.bars):
            content = tuple(steps_in(score, tune, bar))
            if content:
                bars += 1
                repeats += seen[content] > 0
                seen[content] += 1
        phrases.append(longest_phrase(tune))
        length = bar_beats(score)
        inside = {
            name: [n.pitch for n in tune if round(n.start_beats / 0.125) * 0.125 // length in set(bars_of(score, name))]
            for name in ("verse", "chorus")
        }
        chorus = set(bars_of(score, "chorus"))
        top = max(n.pitch for n in tune)
        tops.append(all(int((n.start_beats + 0.1) // length) in chorus for n in tune if n.pitch == top))
        if inside["verse"] and inside["chorus"]:
            lifts.append(mean(inside["chorus"]) - mean(inside["verse"]))
    count = max(1, len(moves))
    return {
        "steps": sum(0 < abs(m) <= 2 for m in moves) / count,
        "repeated_notes": sum(m == 0 for m in moves) / count,
        "leaps_8": sum(abs(m) >= 8 for m in moves) / count,
        "leaps_turned": mean(turned) if turned else 1.0,
        "bars_repeated": repeats / max(1, bars),
        "longest_phrase": max(phrases),
        "top_in_chorus": mean(tops),
        "chorus_lift": min(lifts, default=0.0),
    }


def rubs(score: Score) -> tuple[int, int]:
    """Tune notes with a minor second or ninth against a note that sounds with them, and all tune notes."""
    harmony = [n for n in notes_of(score, *HARMONY) if n.length_beats > 0.2]
    tune = tune_of(score)
    found = 0
    for note in tune:
        at = note.start_beats + 0.08
        sounding = [n.pitch for n in harmony if n.start_beats <= at < n.start_beats + n.length_beats - 0.05]
        found += any((max(note.pitch, p) - min(note.pitch, p)) % 12 == 1 for p in sounding)
    return found, len(tune)


def voice_figures(scores: list[Score]) -> dict[str, float]:
    moves = parallels = triads = thirds = 0
    halves, rubbed, notes = [], 0, 0
    for score in scores:
        hits, count = rubs(score)
        rubbed, notes = rubbed + hits, notes + count
        length = bar_beats(score)
        inside = [span for span in score.chords if span.start_beats < score.total_beats]
        halves.append(sum(s.end_beats - s.start_beats < length - 0.1 for s in inside) / 2 / score.bars)
        pads = [p for p in score.parts if p.role in {"pad", "comp"} and not p.name.startswith("guest")]
        bass = notes_of(score, "bass")
        if not pads or not bass:
            continue
        outer = []
        for span in inside:
            at = span.start_beats + 0.15
            above = {n.pitch for n in pads[0].notes if n.start_beats <= at < n.start_beats + n.length_beats}
            below = [n.pitch for n in bass if span.start_beats - 0.1 <= n.start_beats <= at]
            outer.append((max(above), below[0]) if above and below else None)
            if len(span.chord.tones) == 3 and len(above) >= 4:
                triads += 1
                classes = Counter(pitch % 12 for pitch in above)
                thirds += classes[span.chord.tones[1]] > 1
        for before, after in pairwise(outer):
            if before and after and before[0] != after[0] and (before[1] - after[1]) % 12:
                moves += 1
                old, new = (before[0] - before[1]) % 12, (after[0] - after[1]) % 12
                parallels += old == new and new in {0, 7}
    return {
        "rubs": rubbed / max(1, notes),
        "parallels": parallels / max(1, moves),
        "third_doubled": thirds / max(1, triads),
        "two_chord_bars": mean(halves),
    }


def lag_one(score: Score) -> list[float]:
    """Correlation of each player's deviation from the grid with that of the note before."""
    found = []
    step = step_beats(score)
    for part in score.parts:
        at: dict[int, float] = {}
        for note in part.notes:
            slot = round(note.start_beats / step)
            at.setdefault(slot, note.start_beats - slot * step)
        off = np.array([value for _, value in sorted(at.items())])
        swung = np.array([slot % 2 for slot in sorted(at)])
        for parity in (0, 1):
            if (swung == parity).any():
                off[swung == parity] -= off[swung == parity].mean()
        if len(off) >= 24 and off.std() > 1e-6 and part.role not in {"effects", "texture"}:
            found.append(float(np.corrcoef(off[:-1], off[1:])[0, 1]))
    return found


def onsets_a_second(score: Score) -> float:
    notes = [n for part in score.parts if part.role not in {"effects", "texture"} for n in part.notes]
    return len({(round(n.start_beats * 4), n.pitch) for n in notes}) / score.length_seconds


def mood_figures(style: str, count: int = 8) -> dict[str, float]:
    homes = briefs(style, count)
    calm, excited = ([arrange(replace(b, arousal=a)) for b in homes] for a in (0.15, 0.85))
    sad, glad = ([arrange(replace(b, valence=v, key="C major")) for b in homes] for v in (-0.8, 0.8))

    def pitch(score: Score) -> float:
        return mean(n.pitch for n in tune_of(score))

    def colours(score: Score) -> list[str]:
        return [span.chord.symbol for span in score.chords]

    def timing(score: Score) -> list[int]:
        return [round(n.start_beats * 4) for n in tune_of(score)]

    return {
        "arousal_onsets": mean(map(onsets_a_second, excited)) / mean(map(onsets_a_second, calm)),
        "valence_register": mean(map(pitch, glad)) - mean(map(pitch, sad)),
        "valence_colour": mean(colours(a) != colours(b) for a, b in zip(sad, glad, strict=True)),
        "valence_rhythm": mean(timing(a) != timing(b) for a, b in zip(sad, glad, strict=True)),
    }


def tempo_figures(count: int) -> dict[str, float]:
    """Over moods that pick the style themselves, half of them with a tempo window as songwriters send it."""
    dice = Random(4)
    outside, by_style = 0, {}
    for number in range(count):
        arousal = dice.random()
        brief = replace(
            brief_of("lo-fi", 36.0, dice.randrange(2**32)),
            style="",
            valence=dice.uniform(-1, 1),
            arousal=arousal,
            warmth=dice.uniform(-1, 1),
            brightness=dice.random(),
        )
        if number % 2:
            brief = replace(brief, tempo_low_bpm=60 + 64 * arousal, tempo_high_bpm=72 + 64 * arousal)
        style, tempo_bpm = choose_style(brief), make_plan(brief).tempo_bpm
        outside += not style.tempo_low_bpm - 0.01 <= tempo_bpm <= style.tempo_high_bpm + 0.01
        by_style.setdefault((style.name, number % 2), []).append((arousal, tempo_bpm))
    correlations = [spearmanr(rows).statistic for rows in by_style.values() if len(rows) >= 20]
    return {"tempo_outside": outside / count, "tempo_follows_arousal": min(correlations, default=1.0)}


LOW, HIGH = "at most", "at least"
TARGETS: dict[str, tuple[str, float, float]] = {
    # figure: (worst is the highest or the lowest, low, high)
    "tempo_outside": (LOW, 0.0, 0.0),
    "tempo_follows_arousal": (HIGH, 0.6, 1.0),
    "drum_jaccard": (LOW, 0.0, 0.60),
    "bass_rhythms": (HIGH, 6, 99),
    "comp_rhythms": (HIGH, 5, 99),
    "bass_on_kick": (HIGH, 0.7, 1.0),
    "steps": (HIGH, 0.50, 0.65),
    "repeated_notes": (HIGH, 0.10, 0.20),
    "leaps_8": (LOW, 0.0, 0.02),
    "leaps_turned": (HIGH, 0.70, 1.0),
    "bars_repeated": (HIGH, 0.13, 1.0),
    "longest_phrase": (LOW, 0.0, 10.0),
    "top_in_chorus": (HIGH, 0.90, 1.0),
    "chorus_lift": (HIGH, 0.01, 24.0),
    "rubs": (LOW, 0.0, 0.03),
    "parallels": (LOW, 0.0, 0.05),
    "third_doubled": (LOW, 0.0, 0.0),
    "two_chord_bars": (HIGH, 0.05, 1.0),
    "lag_one": (HIGH, 0.2, 0.5),
    "arousal_onsets": (HIGH, 1.4, 9.0),
    "valence_register": (HIGH, 1.0, 24.0),
    "valence_colour": (HIGH, 0.75, 1.0),
    "valence_rhythm": (HIGH, 0.75, 1.0),
}


def style_figures(style: str, count: int) -> dict[str, float]:
    scores = [arrange(brief) for brief in briefs(style, count)]
    figures = groove_figures(scores) | melody_figures(scores) | voice_figures(scores)
    figures["lag_one"] = mean(value for score in scores[:10] for value in lag_one(score))
    return figures | mood_figures(style)


def holds(name: str, value: float, targets: dict[str, tuple[str, float, float]] = TARGETS) -> bool:
    _, low, high = targets[name]
    return bool(low - 1e-9 <= value <= high + 1e-9)


def print_table(rows: dict[str, dict[str, float]], targets: dict[str, tuple[str, float, float]]) -> None:
    """One line a figure, one column a style; what misses its target carries a star."""
    names = list(rows)
    print(f"{'figure':22s} {'target':>14s} " + " ".join(f"{name[:10]:>11s}" for name in names))
    for figure, (_, low, high) in targets.items():
        cells = []
        for name in names:
            value = rows[name].get(figure)
            applies = value is not None and not (figure == "parallels" and name in SYNTHETIC)
            cells.append(f"{value:10.3g}{' ' if holds(figure, value, targets) else '*'}" if applies else f"{'':11s}")
        if any(cell.strip() for cell in cells):
            print(f"{figure:22s} {f'{low:g}..{high:g}':>14s} " + " ".join(cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=40)
    parser.add_argument("--moods", type=int, default=4000)
    parser.add_argument("--styles", nargs="*", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--quick", action="store_true", help="scores only: nothing is played")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = {style: style_figures(style, asked.briefs) for style in asked.styles}
    rows["all"] = tempo_figures(asked.moods)
    targets = dict(TARGETS)
    if not asked.quick:
        from benchmarks import music_sound

        targets |= music_sound.TARGETS
        for style in asked.styles:
            rows[style] |= music_sound.style_figures(style)
        rows["all"] |= music_sound.instrument_figures()
    if asked.json:
        print(json.dumps({"figures": rows, "targets": targets}, indent=2))
        return
    print_table(rows, targets)


if __name__ == "__main__":
    main()
