"""What kind of song a brief wants: style, key, metre, tempo, length of the tail, and the sections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from auratune.core.treatment import Section
from auratune.music.score import COMMON_TIME, METRES, Metre, ScoreSection
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
_EXACT_BPM = 8.0
"""A tempo window no wider than this is an order; a wider one bends to what the style can take."""
_OTHER_METRE = 0.22
"""How often a style that knows other metres plays in one of them."""
_SHORTEST_TAIL_SECONDS, _LONGEST_TAIL_SECONDS = 0.65, 3.5
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
    metre: Metre
    tempo_bpm: float
    bars: int
    tail_seconds: float
    sections: tuple[ScoreSection, ...]
    valence: float
    arousal: float
    warmth: float
    brightness: float
    seed: int

    @property
    def bar_beats(self) -> float:
        """Length of a bar in beats."""
        return float(self.metre.beats_per_bar)

    @property
    def end_beats(self) -> float:
        """Where the bars end and the last chord begins."""
        return self.bar_beats * self.bars

    def section_at(self, beat: float) -> ScoreSection:
        """The section at a beat; the tail counts as the last one."""
        return next((s for s in self.sections if beat < self.bar_beats * s.end_bar), self.sections[-1])

    def dice(self, what: str) -> Random:
        """Randomness for one purpose, so that a change in one part leaves the others as they are."""
        return Random(f"{self.seed}:{what}")


def make_plan(brief: MusicBrief) -> Plan:
    """Decide style, key, metre, tempo and form from the brief alone."""
    style = choose_style(brief)
    neighbour, nearness = nearest_neighbour(brief, style)
    metre = choose_metre(brief, style)
    wanted_bpm, low_bpm, high_bpm = _wanted_tempo(brief, style)
    bars, tempo_bpm, tail_seconds = fit_tempo(
        brief.length_seconds, wanted_bpm, low_bpm, high_bpm, beats_per_bar=metre.beats_per_bar
    )
    return Plan(
        style=_lean(style, neighbour, nearness),
        colour=neighbour.colour if nearness > _LENDS_FROM else None,
        key=choose_key(brief),
        metre=metre,
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


def choose_metre(brief: MusicBrief, style: Style) -> Metre:
    """The metre that the brief's words ask for (`waltz`, `3/4`, `6/8`), else mostly the style's usual one."""
    words = f"{brief.style} {' '.join(brief.genre_tags)}".lower()
    if "6/8" in words:
        return METRES["6/8"]
    if "waltz" in words or "3/4" in words:
        return METRES["3/4"]
    dice = Random(f"{brief.seed}:metre")
    if len(style.metres) > 1 and dice.random() < _OTHER_METRE:
        return METRES[dice.choice(style.metres[1:])]
    return METRES.get(style.metres[0], COMMON_TIME)


def _wanted_tempo(brief: MusicBrief, style: Style) -> tuple[float, float, float]:
    """The tempo to aim at and the range it may not leave: the style's own, unless the brief orders an exact one.

    More aroused, faster. A wide window in the brief narrows the style's range where the two meet.
    """
    low, high = style.tempo_low_bpm, style.tempo_high_bpm
    wander = Random(f"{brief.seed}:tempo").uniform(-0.04, 0.04)
    place = _clamp(0.06 + 0.88 * brief.arousal + wander, 0.0, 1.0)
    asked_low, asked_high = brief.tempo_low_bpm, brief.tempo_high_bpm
    if 0 < asked_low <= asked_high:
        if asked_high - asked_low <= _EXACT_BPM:
            return asked_low + (asked_high - asked_low) * place, asked_low, asked_high
        # The style's own feeling for the mood counts as much as the window.
        wish = _clamp(asked_low + (asked_high - asked_low) * place, low, high)
        return 0.5 * wish + 0.5 * (low + (high - low) * place), low, high
    return low + (high - low) * place, low, high


def fit_tempo(
    length_seconds: float, wanted_bpm: float, low_bpm: float = 0.0, high_bpm: float = 999.0, *, beats_per_bar: int = 4
) -> tuple[int, float, float]:
    """Whole bars, the tempo and the tail, so that the bars and the tail fill the length; nearest to the wish.

    The tail may stretch by a third either way, and further where the tempo would leave its range otherwise.
    """
    ideal_tail = min(2.6, 0.09 * length_seconds + 0.5)
    bar = 60.0 * beats_per_bar
    widest = (_SHORTEST_TAIL_SECONDS, min(_LONGEST_TAIL_SECONDS, length_seconds / 3))
    tails = ((0.7 * ideal_tail, 1.35 * ideal_tail), widest)
    choices = []
    for bars in range(1, 121):
        for strain, (shortest, longest) in enumerate(tails):
            slow, fast = bar * bars / (length_seconds - shortest), bar * bars / (length_seconds - longest)
            tempo = min(fast, max(slow, wanted_bpm))
            outside = max(0.0, low_bpm - tempo, tempo - high_bpm)
            choices.append((round(outside, 6), abs(tempo - wanted_bpm) + 3.0 * strain, bars, tempo))
    _, _, bars, tempo = min(choices)
    return bars, tempo, length_seconds - bar * bars / tempo


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
