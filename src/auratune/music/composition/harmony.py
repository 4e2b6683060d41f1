"""The chords of a song, and the parts that play them: pads, comps, arpeggios and guide-tone lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auratune.music.composition.patterns import in_metre, recombined, struck, thinned
from auratune.music.score import ChordSpan, Note
from auratune.music.theory import Chord, chord_of, nearest, voice, within

if TYPE_CHECKING:
    from random import Random

    from auratune.music.composition.song_plan import Plan
    from auratune.music.styles.base import Seat

_HITS = {"X": 1.0, "x": 0.82, "o": 0.6, "g": 0.34}
_CALM, _EXCITED = 0.3, 0.62
_GLAD_COLOURS = {"": "add9", "maj7": "6", "maj9": "69"}
_SAD_COLOURS = {"": "maj7", "add9": "maj7", "6": "maj7", "69": "maj9", "i": "7", "i7": "9"}
_COLOURED_FROM = 0.3
"""Valence beyond which chords take a glad or a sad colour."""
_SPLIT = 0.6
"""How often the fourth bar of a phrase has two chords."""


def harmonise(plan: Plan) -> tuple[ChordSpan, ...]:
    """Chords for every bar: each kind of section has its own progression, and the last chord rings out in the tail."""
    dice = plan.dice("harmony")
    mode = plan.key.mode
    verse = dice.choice(plan.style.verses[mode])
    chorus = dice.choice(plan.style.choruses[mode])
    bridge = dice.choice([p for p in plan.style.choruses[mode] if p != chorus] or [chorus])
    by_section = {"intro": verse, "verse": verse, "chorus": chorus, "bridge": bridge, "outro": chorus}
    spans: list[ChordSpan] = []
    for section in plan.sections:
        bars = [bar.split() for bar in by_section[section.name].split("|")]
        bars[-1] = _split(plan, plan.dice(f"split:{by_section[section.name]}"), bars[-1])
        length = section.end_bar - section.first_bar
        # A short intro takes the end of the progression, so that it leads into the verse.
        offset = -length if section.name == "intro" else 0
        for index in range(length):
            ends = section.first_bar + index == plan.bars - 1 and plan.bars > 1
            numerals = plan.style.cadences[mode].split() if ends else bars[(index + offset) % len(bars)]
            for position, numeral in enumerate(numerals):
                # In 3/4 the second chord of a bar comes on the third beat.
                edges = [0.0, (plan.metre.beats_per_bar + 1) // 2, plan.bar_beats]
                start = plan.bar_beats * (section.first_bar + index) + (edges[position] if len(numerals) > 1 else 0.0)
                end = plan.bar_beats * (section.first_bar + index) + edges[position + 1 if len(numerals) > 1 else 2]
                spans.append(ChordSpan(start, end, chord_of(_coloured(numeral, plan.valence), plan.key)))
    tail_beats = plan.tail_seconds * plan.tempo_bpm / 60.0
    last = ChordSpan(plan.end_beats, plan.end_beats + tail_beats, chord_of(plan.style.endings[mode], plan.key))
    return (*spans, last)


def _split(plan: Plan, dice: Random, numerals: list[str]) -> list[str]:
    """Two chords where there was one, now and then: the style's cadence on a dominant, else the chord and its sixth."""
    if len(numerals) > 1 or dice.random() > _SPLIT:
        return numerals
    cadence = plan.style.cadences[plan.key.mode].split()
    numeral = numerals[0]
    if len(cadence) == 2 and re.match(r"[ivIV]+", numeral)[0].upper() == re.match(r"[ivIV]+", cadence[1])[0].upper():  # type: ignore[index]
        return [cadence[0], numeral]
    if "/" in numeral or "sus" in numeral or "#" in numeral or "13" in numeral:
        return numerals
    return [numeral, f"{numeral}/3"]


def _coloured(numeral: str, valence: float) -> str:
    """A chord in a gladder or a sadder colour: added sixths and ninths, or sevenths. Dominants stay as they are."""
    match = re.match(r"^([ivIV]+)([^/]*)(/.)?$", numeral)
    if match is None or abs(valence) < _COLOURED_FROM or match[1].upper() in {"V", "VII"}:
        return numeral
    roman, quality, slash = match[1], match[2], match[3] or ""
    if valence > 0:
        changed = _GLAD_COLOURS.get(quality) if roman.isupper() and roman in {"I", "IV"} else None
    else:
        changed = _SAD_COLOURS.get(quality if roman.isupper() else f"i{quality}") if roman != "iii" else None
    return f"{roman}{quality if changed is None else changed}{slash}"


def sounding(plan: Plan, seat: Seat, beat: float) -> bool:
    """Whether a seat plays at a beat; everyone may join the final chord who played in the last chorus."""
    if beat >= plan.end_beats:
        return "outro" in seat.sections or "chorus" in seat.sections
    return plan.section_at(beat).name in seat.sections


def voicings(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[tuple[ChordSpan, tuple[int, ...]]]:
    """Each chord with the seat's voicing of it, led from one to the next."""
    result: list[tuple[ChordSpan, tuple[int, ...]]] = []
    before: tuple[int, ...] = ()
    bass_before = -1
    cache: dict[tuple[Chord, tuple[int, ...], int], tuple[int, ...]] = {}
    for span in chords:
        slot = (span.chord, before, bass_before)
        if slot not in cache:
            cache[slot] = voice(span.chord, seat.voices, seat.low, seat.high, before, bass_before)
        before, bass_before = cache[slot], span.chord.bass
        result.append((span, before))
    return result


def pattern_at(plan: Plan, seat: Seat, beat: float) -> str:
    """The pattern a seat plays at a beat: one per kind of section, and another one to turn every fourth bar.

    Calm songs keep to the quieter patterns and play less of them, excited ones take the livelier patterns throughout.
    """
    section = plan.section_at(beat)
    choices = seat.chorus_patterns if section.name == "chorus" and seat.chorus_patterns else seat.patterns
    if seat.role in {"arp", "comp"} and seat.chorus_patterns:
        choices = seat.patterns if plan.arousal < _CALM else choices
        choices = seat.chorus_patterns if plan.arousal > _EXCITED else choices
    turns = (int(beat // plan.bar_beats) - section.first_bar) % 4 == 3
    pattern = recombined(plan.dice(f"{seat.name}:{section.name}:{'turn' if turns else ''}"), choices)
    if plan.arousal < _CALM and seat.role in {"arp", "comp"} and len(struck(pattern[:16])) > 4:
        pattern = thinned(pattern)
    return in_metre(pattern, plan.metre)


def events(plan: Plan, pattern: str, span: ChordSpan) -> list[tuple[float, float, str]]:
    """Start, length (beats) and letter of each event of a pattern inside a chord; holds end with the chord."""
    steps = plan.metre.steps_per_beat
    first, last = round(span.start_beats * steps), round(span.end_beats * steps)
    row = "".join(pattern[step % len(pattern)] for step in range(first, last))
    # A new chord is struck even where the pattern would hold.
    row = "x" + row[1:] if row[:1] == "-" else row
    return [((first + at) / steps, length / steps, letter) for at, length, letter in struck(row)]


def _is_tail(plan: Plan, span: ChordSpan) -> bool:
    return span.start_beats >= plan.end_beats


def play_pad(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """Whole chords, held; a tone that stays is tied over rather than struck again, unless the seat wants it struck."""
    notes: list[Note] = []
    held: dict[int, Note] = {}
    if seat.strikes_again:
        return _restruck(plan, seat, chords)
    for span, pitches in voicings(plan, seat, chords):
        playing = pitches if sounding(plan, seat, span.start_beats) else ()
        length = span.end_beats - span.start_beats
        tie = not _is_tail(plan, span)
        for pitch in list(held):
            if pitch not in playing or not tie or held[pitch].length_beats >= 8.0:
                notes.append(held.pop(pitch))
        for pitch in playing:
            old = held.get(pitch)
            held[pitch] = (
                Note(old.start_beats, old.length_beats + length, pitch, old.velocity)
                if old
                else Note(span.start_beats, length, pitch, 0.72)
            )
    return [*notes, *held.values()]


def _restruck(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    notes: list[Note] = []
    for span, pitches in voicings(plan, seat, chords):
        start = span.start_beats
        while sounding(plan, seat, span.start_beats) and start < span.end_beats:
            length = span.end_beats - start if _is_tail(plan, span) else min(2.0, span.end_beats - start)
            notes += [Note(start, length, pitch, 0.72 if start == span.start_beats else 0.6) for pitch in pitches]
            start += length
    return notes


def play_comp(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """Chords struck in the seat's rhythm, strummed where the seat strums (down on strong hits, up on soft ones)."""
    notes: list[Note] = []
    spread = seat.strum_seconds * plan.tempo_bpm / 60.0
    for span, pitches in voicings(plan, seat, chords):
        if not sounding(plan, seat, span.start_beats):
            continue
        hits = (
            [(span.start_beats, span.end_beats - span.start_beats, "X")]
            if _is_tail(plan, span)
            else events(plan, pattern_at(plan, seat, span.start_beats), span)
        )
        for start, length, letter in hits:
            order = pitches if letter in "Xx" else tuple(reversed(pitches[-3:]))
            if letter == "g":
                order = order[:2]
            for index, pitch in enumerate(order):
                late = spread * index / max(1, len(order) - 1)
                loud = _HITS[letter] * (0.86 if index else 0.92) * (1.06 if pitch == max(order) else 1.0)
                notes.append(Note(start + late, max(0.1, length - late), pitch, 0.86 * loud))
    return notes


def play_arp(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """The chord one tone at a time; digits name its voices, and go on an octave up past the last."""
    notes: list[Note] = []
    for span, pitches in voicings(plan, seat, chords):
        if not sounding(plan, seat, span.start_beats):
            continue
        if _is_tail(plan, span):
            roll = 0.12 * plan.tempo_bpm / 60.0
            for index, pitch in enumerate(pitches):
                start = span.start_beats + roll * index
                notes.append(Note(start, span.end_beats - start, pitch, 0.7))
            continue
        for start, length, letter in events(plan, pattern_at(plan, seat, span.start_beats), span):
            index = int(letter) if letter.isdigit() else 0
            pitch = pitches[index % len(pitches)] + 12 * (index // len(pitches))
            accent = 0.84 if start % 1.0 == 0 else 0.7
            # A plucked tone rings under the next ones until the chord changes.
            ring = 0.8 * length if seat.staccato else min(span.end_beats - start, max(length, 1.0))
            notes.append(Note(start, ring, pitch, accent))
    return notes


def play_counter(plan: Plan, seat: Seat, chords: tuple[ChordSpan, ...]) -> list[Note]:
    """A slow line of guide tones: thirds and sevenths that move by step from chord to chord."""
    notes: list[Note] = []
    line = (seat.low + seat.high) / 2
    for span in chords:
        chord = span.chord
        guides = (chord.tones[1], chord.tones[-1]) if len(chord.tones) > 3 else (chord.tones[1], chord.tones[2])
        pitch = min((nearest(tone, line) for tone in guides), key=lambda p: abs(p - line))
        pitch = within(pitch, seat.low, seat.high)
        line = 0.8 * pitch + 0.2 * (seat.low + seat.high) / 2
        if sounding(plan, seat, span.start_beats):
            notes.append(Note(span.start_beats, span.end_beats - span.start_beats, pitch, 0.75))
    return notes
