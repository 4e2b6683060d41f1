"""Plays the parts of a score into stems as they stand in the mix, some at the same time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from auratune.music.instruments import INSTRUMENTS
from auratune.music.instruments.synthesis import RATE, Sound, SoundCache, Stroke, frames_of, high_pass, times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor, Future

    from auratune.music.score import Channel, Part, Score

PLAYERS = 2
"""Parts that are played at the same time: numpy lets other threads run while it computes."""
_TAKES = 5
_ROLE_DB = {
    "drums": -6.0,
    "bass": -6.5,
    "melody": -11.5,
    "comp": -12.0,
    "arp": -14.5,
    "pad": -15.0,
    "counter": -15.0,
    "percussion": -20.0,
    "effects": -19.0,
    "texture": -31.0,
}
"""Loudness of each role where it plays, against one another: gain staging that no instrument's own level can upset."""
_LIFT_DB = {"intro": 3.5, "outro": 1.5}
"""Few players open and close a song; they come nearer to the microphone."""
_DRIVEN = {"drums", "bass", "comp"}
_VERSE_DROP_DB = 2.6
"""How much quieter a section of energy 0 is than one of energy 1, over what its players do."""


def stems_of(score: Score, frames: int, players: Executor) -> Iterator[tuple[Part, Sound]]:
    """Each part with its stem, (2, frames) float32, before reverb and master; in the order of the parts.

    A stem may be changed, and is overwritten when the next one is asked for.
    """
    curve, pump = _section_curve(score, frames), _pump(score, frames)
    buffers = np.empty((PLAYERS, 2, frames), dtype=np.float32)
    ahead = PLAYERS - 1
    playing: list[Future[Sound]] = []
    for number in range(len(score.parts) + ahead):
        if number < len(score.parts):
            buffer = buffers[number % PLAYERS]
            playing.append(players.submit(_stem, score.parts[number], score, buffer, curve, pump))
        if number >= ahead:
            yield score.parts[number - ahead], playing[number - ahead].result()


def _stem(part: Part, score: Score, stem: Sound, curve: Sound, pump: Sound | None) -> Sound:
    _play(part, score, stem)
    _place(stem, part.channel)
    if part.role in _DRIVEN:
        _drive(stem, score.arousal)
    stem *= np.float32(gain(_ROLE_DB[part.role] + part.channel.level_db) / _loudness(stem))
    stem *= curve
    if part.channel.duck_db and pump is not None:
        stem *= 1.0 - pump * np.float32(1.0 - gain(-part.channel.duck_db))
    return stem


def _play(part: Part, score: Score, stem: Sound) -> None:
    """Fill a stem (2, frames) with all notes of a part."""
    instrument = INSTRUMENTS[part.instrument]
    frames = stem.shape[-1]
    cache, brightness = SoundCache(), brightness_of(score)
    stem.fill(0.0)
    played: Counter[int] = Counter()
    for note in part.notes:
        played[note.pitch] += 1
        start = round(note.start_beats * score.beat_seconds * RATE)
        hold = round(note.length_beats * score.beat_seconds, 2)
        take = played[note.pitch] % _TAKES
        sound = instrument(Stroke(note.pitch, max(0.04, hold), note.velocity, brightness, take), cache)
        end = min(frames, start + sound.shape[-1])
        if end > start:
            stem[:, start:end] += sound[..., : end - start]


def gain(decibels: float) -> float:
    """Decibels as a factor."""
    return float(10.0 ** (decibels / 20.0))


def brightness_of(score: Score) -> float:
    """How bright the song is played and mixed: as its picture, and brighter the more aroused it is for its style."""
    return min(1.0, max(0.0, score.brightness + 0.95 * (score.arousal - score.style_arousal)))


def _drive(stem: Sound, arousal: float) -> None:
    """Push a stem into soft saturation, the harder the more aroused; in place."""
    push = np.float32((0.05 + 0.3 * arousal) / (_loudness(stem) + 1e-9))
    stem *= push
    np.tanh(stem, out=stem)


def _place(stem: Sound, channel: Channel) -> None:
    """Low cut, width and pan (equal power), in place."""
    if channel.low_cut_hz:
        for side in (0, 1):
            stem[side] = high_pass(stem[side], channel.low_cut_hz)
    middle = (stem[0] + stem[1]) * np.float32(0.5)
    angle = (channel.pan + 1.0) * np.pi / 4
    for side, weight in ((0, np.cos(angle)), (1, np.sin(angle))):
        stem[side] -= middle
        stem[side] *= np.float32(channel.width)
        stem[side] += middle
        stem[side] *= np.float32(weight * np.sqrt(2.0))


def _loudness(stem: Sound) -> float:
    """RMS of a stem where it plays: blocks of 0.4 s that are not 10 dB under the mean, as loudness meters gate."""
    block = frames_of(0.4)
    whole = stem.shape[-1] // block * block
    sides = [stem[side, :whole].reshape(-1, block) for side in (0, 1)]
    power = sum(np.einsum("bs,bs->b", side, side) for side in sides) / np.float32(2 * block) + np.float32(1e-12)
    loud = power[power > power[power > 1e-8].mean() * 0.1] if (power > 1e-8).any() else power
    return float(np.sqrt(loud.mean()))


def _section_curve(score: Score, frames: int) -> Sound:
    """Level over time by the sections' energy, with half-beat ramps, and the fade of the final chord."""
    points: list[tuple[float, float]] = []
    bar_seconds = score.bar_beats * score.beat_seconds
    for section in score.sections:
        level = gain((min(1.0, section.energy) - 1.0) * _VERSE_DROP_DB + _LIFT_DB.get(section.name, 0.0))
        points.append((section.first_bar * bar_seconds, level))
        points.append((section.end_bar * bar_seconds - 0.25 * score.beat_seconds, level))
    final = score.bars * bar_seconds
    points.append((final, gain(-1.0)))
    points.append((score.length_seconds, gain(-1.0)))
    return np.interp(times(frames), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)


def _pump(score: Score, frames: int) -> Sound | None:
    """How far the ducked parts are pushed down, 0 to 1, after each kick."""
    kicks = [n for part in score.parts if part.role == "drums" for n in part.notes if n.pitch == 36]
    if not kicks:
        return None
    dip = frames_of(0.22)
    shape = np.linspace(1.0, 0.0, dip, dtype=np.float32) ** 1.6
    rise = frames_of(0.004)
    shape[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    pump = np.zeros(frames, dtype=np.float32)
    for kick in kicks:
        start = round(kick.start_beats * score.beat_seconds * RATE)
        end = min(frames, start + dip)
        if end > start:
            np.maximum(pump[start:end], shape[: end - start] * np.float32(kick.velocity), out=pump[start:end])
    return pump
