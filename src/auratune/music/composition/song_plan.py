"""What kind of song a brief wants: style, key, tempo, length of the tail, and the sections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from auratune.core.treatment import Section
from auratune.music.score import ScoreSection
from auratune.music.styles import STYLES
from auratune.music.theory import Key, read_key

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief
    from auratune.music.styles.base import Seat, Style

_FORMS: dict[int, tuple[int, ...]] = {
    # bars: intro, verse, chorus, outro. Even phrases first; the odd bar goes to the ends of the song.
    1: (0, 0, 1, 0),
    2: (0, 1, 1, 0),
    3: (0, 1, 2, 0),
    4: (0, 2, 2, 0),
    5: (1, 2, 2, 0),
    6: (0, 2, 4, 0),
    7: (1, 2, 4, 0),
    8: (1, 2, 4, 1),
    9: (1, 4, 4, 0),
    10: (1, 4, 4, 1),
    11: (2, 4, 4, 1),
    12: (2, 4, 4, 2),
    13: (1, 4, 8, 0),
    14: (2, 4, 6, 2),
    15: (2, 4, 8, 1),
    16: (2, 4, 8, 2),
    17: (3, 4, 8, 2),
    18: (2, 6, 8, 2),
    19: (2, 8, 8, 1),
    20: (2, 8, 8, 2),
    21: (3, 8, 8, 2),
    22: (4, 8, 8, 2),
    23: (4, 8, 8, 3),
}
_LONGEST_FORM = max(_FORMS)
_CALMEST_BPM, _FASTEST_BPM = 58.0, 134.0
_EXACT_BPM = 24.0
"""A range no wider than this is a wish; a wider one leaves the choice open."""
_LENDS_FROM = 0.45
"""Nearness from which a neighbour lends its colour."""
_ENERGY: dict[Section, float] = {"intro": 0.35, "verse": 0.5, "chorus": 0.95, "bridge": 0.45, "outro": 0.45}


@dataclass(frozen=True, slots=True)
class Plan:
    """The decisions that everything else in a song follows from."""

    style: Style
    """With its room and its feel already leaning towards the neighbour."""
    colour: Seat | None
    """A seat that a neighbouring style lends, where the mood lies between the two."""
    key: Key
    tempo_bpm: float
    bars: int
    tail_seconds: float
    sections: tuple[ScoreSection, ...]
    valence: float
    arousal: float
    warmth: float
    brightness: float
    seed: int

    def dice(self, what: str) -> Random:
        """Randomness for one purpose, so that a change in one part leaves the others as they are."""
        return Random(f"{self.seed}:{what}")


def make_plan(brief: MusicBrief) -> Plan:
    """Decide style, key, tempo and form from the brief alone."""
    style = choose_style(brief)
    neighbour, nearness = nearest_neighbour(brief, style)
    bars, tempo_bpm, tail_seconds = fit_tempo(brief.length_seconds, _wanted_tempo(brief, style))
    return Plan(
        style=_lean(style, neighbour, nearness),
        colour=neighbour.colour if nearness > _LENDS_FROM else None,
        key=choose_key(brief),
        tempo_bpm=tempo_bpm,
        bars=bars,
        tail_seconds=tail_seconds,
        sections=plan_sections(bars, brief.energy_curve),
        valence=_clamp(brief.valence, -1, 1),
        arousal=_clamp(brief.arousal, 0, 1),
        warmth=_clamp(brief.warmth, -1, 1),
        brightness=_clamp(brief.brightness, 0, 1),
        seed=brief.seed,
    )


def choose_style(brief: MusicBrief) -> Style:
    """The style that was asked for, by name or by genre words, else the one nearest in mood.

    The seed may tip the scales between two that are about as near.
    """
    dice = Random(f"{brief.seed}:style")
    tips = {name: dice.uniform(0.0, 0.3) for name in STYLES}
    near = sorted(STYLES.values(), key=lambda style: _distance(style, brief, colours=True) + tips[style.name])
    if brief.style in STYLES:
        return STYLES[brief.style]
    words = f"{brief.style} {' '.join(brief.genre_tags)}".lower()
    return next((style for style in near if any(word in words for word in style.words)), near[0])


def nearest_neighbour(brief: MusicBrief, style: Style) -> tuple[Style, float]:
    """The other style nearest in mood, and how near it is: 0 (far from here) to 1 (as near as the style itself).

    Colours stay out of this: a picture that is only brighter keeps its players, and they play brighter.
    """
    others = [other for other in STYLES.values() if other is not style]
    other = min(others, key=lambda candidate: _distance(candidate, brief, colours=False))
    own, far = _distance(style, brief, colours=False), _distance(other, brief, colours=False)
    return other, min(1.0, (own + 0.15) / (far + 0.15)) * max(0.0, 1.0 - far)


def _distance(style: Style, brief: MusicBrief, *, colours: bool) -> float:
    mood = 0.5 * (style.valence - brief.valence) ** 2 + 3.0 * (style.arousal - brief.arousal) ** 2
    if colours:
        mood += 0.35 * (style.warmth - brief.warmth) ** 2 + 0.6 * (style.brightness - brief.brightness) ** 2
    return float(mood**0.5)


def _lean(style: Style, neighbour: Style, nearness: float) -> Style:
    share = 0.4 * nearness
    return replace(
        style,
        reverb_seconds=round((1 - share) * style.reverb_seconds + share * neighbour.reverb_seconds, 3),
        looseness_seconds=round((1 - share) * style.looseness_seconds + share * neighbour.looseness_seconds, 5),
    )


def choose_key(brief: MusicBrief) -> Key:
    """The brief's key if it names one; else the gladder the mood, the likelier a major one."""
    dice = Random(f"{brief.seed}:key")
    tonic, coin = dice.randrange(12), dice.random()
    asked = read_key(brief.key) if brief.key else None
    return asked or Key(tonic, "minor" if coin > 0.5 + 0.55 * brief.valence else "major")


def _wanted_tempo(brief: MusicBrief, style: Style) -> float:
    """More aroused, faster: within the style's range where one was asked for, else over the whole range of moods."""
    wander = Random(f"{brief.seed}:tempo").uniform(-0.12, 0.12)
    place = _clamp(0.12 + 0.76 * brief.arousal + wander, 0.0, 1.0)
    asked = 0 < brief.tempo_low_bpm <= brief.tempo_high_bpm
    if brief.style not in STYLES and not asked:
        return _CALMEST_BPM + (_FASTEST_BPM - _CALMEST_BPM) * place
    low, high = style.tempo_low_bpm, style.tempo_high_bpm
    if asked:
        low, high = _narrowed((brief.tempo_low_bpm, brief.tempo_high_bpm), (low, high))
    return low + (high - low) * place


def _narrowed(asked: tuple[float, float], style: tuple[float, float]) -> tuple[float, float]:
    """The range that was asked for; where it leaves much open, what the style makes of it."""
    low, high = max(style[0], asked[0]), min(style[1], asked[1])
    return (low, high) if asked[1] - asked[0] > _EXACT_BPM and low <= high else asked


def fit_tempo(length_seconds: float, wanted_bpm: float) -> tuple[int, float, float]:
    """Whole bars, the tempo and the tail, so that `240 * bars / tempo + tail` is the length, nearest to the wish.

    The tail may stretch by a third either way, which brings most tempi within reach.
    """
    ideal_tail = min(2.6, 0.09 * length_seconds + 0.5)
    choices = []
    for bars in range(1, 61):
        slow = 240.0 * bars / (length_seconds - 0.7 * ideal_tail)
        fast = 240.0 * bars / (length_seconds - 1.35 * ideal_tail)
        tempo = min(fast, max(slow, wanted_bpm))
        choices.append((abs(tempo - wanted_bpm), bars, tempo))
    _, bars, tempo = min(choices)
    return bars, tempo, length_seconds - 240.0 * bars / tempo


def plan_sections(bars: int, energy_curve: tuple[float, ...] = ()) -> tuple[ScoreSection, ...]:
    """Cut the bars into sections; the brief's energy curve leans on each one's own energy."""
    sections: list[ScoreSection] = []
    first = 0
    for name, count in _form(bars):
        if count:
            wish = _curve_over(energy_curve, first / bars, (first + count) / bars)
            energy = _ENERGY[name] if wish is None else 0.75 * _ENERGY[name] + 0.25 * wish
            sections.append(ScoreSection(name, first, first + count, round(energy, 4)))
            first += count
    return tuple(sections)


def _form(bars: int) -> tuple[tuple[Section, int], ...]:
    if bars in _FORMS:
        intro, verse, chorus, outro = _FORMS[bars]
        return (("intro", intro), ("verse", verse), ("chorus", chorus), ("outro", outro))
    # Longer songs come round twice, with a bridge where there is room.
    spare = bars - 24
    bridge = 4 if spare >= 8 else 0
    spare -= bridge
    first_chorus = 8 if spare >= 8 else 4
    spare -= first_chorus - 4
    second_verse = 8 if spare >= 6 else 4
    spare -= second_verse - 4
    intro = 2 + min(2, max(0, spare - 2))
    outro = bars - intro - 4 - first_chorus - second_verse - bridge - 8
    return (
        ("intro", intro),
        ("verse", 4),
        ("chorus", first_chorus),
        ("verse", second_verse),
        ("bridge", bridge),
        ("chorus", 8),
        ("outro", outro),
    )


def _curve_over(curve: tuple[float, ...], start: float, end: float) -> float | None:
    if not curve:
        return None
    count = len(curve)
    inside = [value for index, value in enumerate(curve) if start <= (index + 0.5) / count < end]
    if not inside:
        inside = [curve[min(count - 1, int((start + end) / 2 * count))]]
    return _clamp(sum(inside) / len(inside), 0.0, 1.0)


def _clamp(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
