"""Scenes, songs and wishes for tests of the film, from whole numbers or by hand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.geometry import Box
from auratune.core.options import ASPECTS, FRAME_RATES, LOOKS, FilmFormat, Options
from auratune.core.scene import DetailMap, Light, Mood, Scene, Subject, Swatch
from auratune.core.song import Song, SungLine
from auratune.core.treatment import LyricLine, MusicBrief, Treatment

if TYPE_CHECKING:
    from collections.abc import Sequence

SONG_PLAN = (("intro", 0.16, 0.3), ("verse", 0.48, 0.5), ("chorus", 0.85, 0.85), ("outro", 1.0, 0.35))
LINES = (
    LyricLine("Morning leans on the stone", "verse"),
    LyricLine("Every step a quiet drum", "verse"),
    LyricLine("We rise, we rise with the light", "chorus"),
    LyricLine("And the city calls us home", "chorus"),
)


def a_scene(
    width_px: int = 1080,
    height_px: int = 1440,
    subjects: Sequence[Subject] = (),
    *,
    sharpness: float = 0.6,
    brightness: float = 0.5,
    busy: float | None = None,
    seed: int = 3,
) -> Scene:
    """A scene with a detail map drawn from the seed, or flat with `busy` and `brightness` everywhere."""
    rng = random.Random(seed)
    cells = 12 * 16
    return Scene(
        width_px=width_px,
        height_px=height_px,
        subjects=tuple(subjects),
        palette=(Swatch(120, 130, 140, 1.0),),
        light=Light(
            brightness=brightness,
            contrast=0.5,
            warmth=0.1,
            colourfulness=0.4,
            edge_energy=0.4,
            sharpness=sharpness,
            clipped_highlights=1.0 if brightness > 0.97 else 0.0,
        ),
        mood=Mood(0.2, 0.5),
        detail=DetailMap(
            12,
            16,
            tuple(rng.random() if busy is None else busy for _ in range(cells)),
            tuple(rng.random() if busy is None else brightness for _ in range(cells)),
        ),
        caption="A drawn scene",
        seen_by="embedded",
    )


def a_grid(
    tempo_bpm: float = 100.0,
    length_seconds: float = 30.0,
    *,
    confidence: float = 1.0,
    beats_per_bar: int = 4,
    plan: Sequence[tuple[str, float, float]] = SONG_PLAN,
    starts_at_seconds: float = 0.0,
) -> BeatGrid:
    """An even grid whose sections end at shares of the film, on downbeats; `plan` is (name, end, energy)."""
    beat = 60.0 / tempo_bpm
    beats = [round(index * beat, 6) for index in range(int(length_seconds / beat) + 1) if index * beat < length_seconds]
    downbeats = beats[::beats_per_bar]
    sections, start = [], 0.0
    for name, share, energy in plan:
        end = length_seconds if share >= 1 else min(downbeats, key=lambda time: abs(time - share * length_seconds))
        if end > start:
            sections.append(SongSection(name, start, end, energy))
            start = end
    energies = tuple(
        next((section.energy for section in sections if time < section.end_seconds), 0.5) for time in beats
    )
    return BeatGrid(
        tempo_bpm=tempo_bpm,
        beats=tuple(beats),
        downbeats=tuple(downbeats),
        sections=tuple(sections),
        energy=energies,
        length_seconds=length_seconds,
        starts_at_seconds=starts_at_seconds,
        beats_per_bar=beats_per_bar,
        confidence=confidence,
        source="composer" if confidence >= 1 else "tracked",
    )


def a_treatment(
    title: str = "Light on the Stone", look: str = "golden", lyrics: Sequence[LyricLine] = LINES
) -> Treatment:
    """A director's idea."""
    brief = MusicBrief(
        title=title,
        length_seconds=30.0,
        genre_tags=("lo-fi",),
        style="lo-fi",
        tempo_low_bpm=80,
        tempo_high_bpm=100,
        key="D minor",
        energy_curve=(0.4, 0.8, 0.4),
        valence=0.2,
        arousal=0.5,
        warmth=0.1,
        brightness=0.5,
        lyrics=tuple(lyrics),
        instrumental=True,
        seed=1,
    )
    return Treatment(
        title=title, lyrics=tuple(lyrics), look=look, mood_arc="From quiet to open.", music=brief, words_by="embedded"
    )


def a_song(treatment: Treatment, **changes: object) -> Song:
    """A song of the embedded composer, without lines of its own unless told."""
    fields = {"key": "music/x.mp3", "music_by": "embedded", "length_seconds": 36.0, "brief": treatment.music}
    return Song(**(fields | changes))  # type: ignore[arg-type]


def random_scene(rng: random.Random) -> Scene:
    """Any photo: tiny to huge, square to panoramic, blurred, dark or white, with none to twelve subjects."""
    shape = rng.choice(((60, 45), (320, 320), (1080, 1440), (4000, 3000), (9000, 1500), (700, 5200), (24, 900)))
    width, height = (max(16, round(edge * rng.uniform(0.7, 1.4))) for edge in shape)
    flat = rng.choice((None, None, None, 0.0))
    subjects = [_random_subject(rng) for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5, 12)))]
    return a_scene(
        width,
        height,
        subjects,
        sharpness=rng.random(),
        brightness=rng.choice((0.02, 0.3, 0.6, 1.0)),
        busy=flat,
        seed=rng.randrange(1000),
    )


def _random_subject(rng: random.Random) -> Subject:
    width, height = rng.uniform(0.02, 0.9) ** 1.5, rng.uniform(0.02, 0.9) ** 1.5
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    kind = rng.choice(("face", "person", "thing", "region"))
    return Subject(kind, Box(left, top, left + width, top + height), rng.random())


def random_form(rng: random.Random) -> FilmFormat:
    """Any shape that may be asked for."""
    return FilmFormat(
        length_seconds=rng.choice((5.0, 6.5, 10.0, 15.0, 30.0, 30.0, 45.0, 60.0)),
        fps=rng.choice(FRAME_RATES),
        aspect=rng.choice(ASPECTS),
        short_edge_px=rng.choice((1080, 1080, 720, 160)),
        long_edge_px=rng.choice((1920, 1920, 1280)),
        captions=rng.choice(("burned", "soft", "off")),
        letterbox=rng.random() < 0.2,
    )


def random_grid(rng: random.Random, length_seconds: float) -> BeatGrid:
    """Any grid: 40 to 220 BPM, two to seven beats a bar, uneven, with holes, sure or a guess."""
    tempo, per_bar = rng.uniform(40, 220), rng.choice((2, 3, 4, 4, 4, 6, 7))
    beat, jitter = 60 / tempo, rng.choice((0.0, 0.0, 0.02))
    lead = rng.choice((0.0, rng.uniform(0, 2)))
    times = []
    count = int((length_seconds - lead) / beat) + 1
    for index in range(count):
        times.append(round(lead + index * beat + rng.uniform(-jitter, jitter) * (index > 0), 4))
    times = [time for time in times if 0 <= time < length_seconds]
    downbeats = times[::per_bar]
    hole = rng.random()
    if hole < 0.2:
        start, end = sorted(rng.uniform(0, length_seconds) for _ in range(2))
        times = [time for time in times if not start < time < end]
        downbeats = [time for time in downbeats if not start < time < end]
    inner = {round(rng.uniform(0.1, 0.9) * length_seconds, 3) for _ in range(rng.randrange(5))}
    ends = [*sorted(inner), length_seconds]
    sections, begin = [], 0.0
    for end in ends:
        name = rng.choice(("intro", "verse", "chorus", "bridge", "outro"))
        sections.append(SongSection(name, begin, end, round(rng.random(), 3)))
        begin = end
    return BeatGrid(
        tempo_bpm=tempo,
        beats=tuple(times),
        downbeats=tuple(downbeats),
        sections=tuple(sections),
        energy=tuple(round(rng.random(), 3) for _ in times),
        length_seconds=length_seconds,
        starts_at_seconds=rng.choice((0.0, 12.5)),
        beats_per_bar=per_bar,
        confidence=rng.choice((1.0, 0.8, 0.6, 0.45, 0.3, 0.0)),
    )


def random_treatment(rng: random.Random) -> Treatment:
    """Any words: none, a few, many, long."""
    words = ("light", "stone", "river", "we", "the", "slow", "remember", "Ωmega", "вечер", "home", "🌙", "of")
    lines = tuple(
        LyricLine(
            " ".join(rng.choice(words) for _ in range(rng.randrange(1, 12))), rng.choice(("verse", "chorus", "bridge"))
        )
        for _ in range(rng.choice((0, 4, 8, 24)))
    )
    title = " ".join(rng.choice(words) for _ in range(rng.randrange(0, 8)))
    return a_treatment(title, rng.choice((*LOOKS, "unheard-of")), lines)


def random_song(rng: random.Random, treatment: Treatment) -> Song:
    """A song with lines that are untimed, or sung at any time: before, across, after the film, over one another."""
    if not treatment.lyrics or rng.random() < 0.5:
        return a_song(treatment, music_by=rng.choice(("embedded", "suno", "elevenlabs")))
    lines = []
    for line in treatment.lyrics:
        start = rng.uniform(-5, 80)
        end = rng.choice((None, start + rng.uniform(0.0, 9.0)))
        lines.append(SungLine(text=line.text, section=line.section, start_seconds=start, end_seconds=end))
    return a_song(treatment, lines=tuple(lines), timing="sung", music_by="elevenlabs")


def wishes_for(form: FilmFormat) -> Options:
    """Wishes that ask for a format and nothing else."""
    return Options(format=form)
