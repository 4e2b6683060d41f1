"""The mixing desk: plays every part into its stem, places the stems in the room, and masters the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from auratune.music.instruments import INSTRUMENTS
from auratune.music.loudness import master
from auratune.music.synthesis import (
    RATE,
    Sound,
    Stroke,
    decay,
    frames_of,
    high_pass,
    low_pass,
    noise,
    shelf,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.music.score import Channel, Part, Score

_TAKES = 5
_VERSE_DROP_DB = 7.0
"""How much quieter a section of energy 0 is than one of energy 1, over what its players do."""


def mix(score: Score, keep_stem: Callable[[str, Sound], None] | None = None) -> Sound:
    """Play and mix a score to (frames, 2) float32 at 44.1 kHz, mastered to -14 LUFS.

    `keep_stem` is called with each part's name and its stem as it stands in the mix, before reverb and master; one
    stem is in memory at a time.
    """
    frames = round(score.length_seconds * RATE)
    curve = _section_curve(score, frames)
    pump = _pump(score, frames)
    dry = np.zeros((frames, 2), dtype=np.float32)
    hall = np.zeros((frames, 2), dtype=np.float32)
    swept = np.zeros((frames, 2), dtype=np.float32) if score.sweep else dry
    for part in score.parts:
        stem = _place(_play(part, score, frames), part.channel)
        stem *= curve[:, None]
        if part.channel.duck_db and pump is not None:
            stem *= (1.0 - pump * np.float32(1.0 - _gain(-part.channel.duck_db)))[:, None]
        if keep_stem is not None:
            keep_stem(part.name, stem)
        (swept if part.channel.sweeps else dry)[:] += stem
        stem *= np.float32(_gain(part.channel.reverb_db))
        hall += stem
    if swept is not dry:
        dry += _sweep(swept, score)
        del swept
    dry += _reverb(hall, score)
    del hall
    return _finish(dry, score)


def _gain(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _play(part: Part, score: Score, frames: int) -> Sound:
    """All notes of a part in place, (frames, 2)."""
    instrument = INSTRUMENTS[part.instrument]
    stem = np.zeros((frames, 2), dtype=np.float32)
    for index, note in enumerate(part.notes):
        start = round(note.start_beats * score.beat_seconds * RATE)
        hold = round(note.length_beats * score.beat_seconds, 2)
        sound = instrument(Stroke(note.pitch, max(0.04, hold), note.velocity, score.brightness, index % _TAKES))
        end = min(frames, start + len(sound))
        if end > start:
            stem[start:end] += sound[: end - start, None] if sound.ndim == 1 else sound[: end - start]
    return stem


def _place(stem: Sound, channel: Channel) -> Sound:
    """Low cut, width and pan (equal power) and level, in place where it can be."""
    if channel.low_cut_hz:
        stem = high_pass(stem, channel.low_cut_hz)
    middle = stem.mean(axis=1)
    angle = (channel.pan + 1.0) * np.pi / 4
    level = _gain(channel.level_db) * np.sqrt(2.0)
    for side, weight in ((0, np.cos(angle)), (1, np.sin(angle))):
        stem[:, side] -= middle
        stem[:, side] *= np.float32(channel.width)
        stem[:, side] += middle
        stem[:, side] *= np.float32(weight * level)
    return stem


def _section_curve(score: Score, frames: int) -> Sound:
    """Level over time by the sections' energy, with half-beat ramps, and the fade of the final chord."""
    points: list[tuple[float, float]] = []
    bar_seconds = 4.0 * score.beat_seconds
    for section in score.sections:
        level = _gain((min(1.0, section.energy) - 1.0) * _VERSE_DROP_DB)
        points.append((section.first_bar * bar_seconds, level))
        points.append((section.end_bar * bar_seconds - 0.25 * score.beat_seconds, level))
    final = score.bars * bar_seconds
    points.append((final, _gain(-1.0)))
    points.append((score.length_seconds, _gain(-1.0)))
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


def _sweep(music: Sound, score: Score) -> Sound:
    """Close a filter over the music and open it into each chorus: a crossfade between it and its low-passed copy."""
    beat = score.beat_seconds
    points: list[tuple[float, float]] = [(0.0, 0.0)]
    for section in score.sections:
        start, end = section.first_bar * 4 * beat, section.end_bar * 4 * beat
        if section.name == "intro":
            points += [(start, 0.85), (end, 0.25)]
        elif section.name == "chorus" and start > 0:
            points += [(start - 4 * beat, 0.15), (start - 1.5 * beat, 1.0), (start - 0.02, 0.4), (start, 0.0)]
    points.sort()
    depth = np.interp(times(len(music)), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)
    depth *= np.float32(score.sweep)
    dark = low_pass(music, 650.0)
    dark -= music
    dark *= depth[:, None]
    music += dark
    return music


def _reverb(send: Sound, score: Score) -> Sound:
    """The hall: noise that decays, its highs sooner than its lows, after a short gap; each side its own."""
    length = frames_of(score.reverb_seconds)
    result = np.empty_like(send)
    send = high_pass(send, 180.0)
    for side in (0, 1):
        raw = noise(length, 9000 + side)
        tail = low_pass(raw, 1400.0) * decay(length, score.reverb_seconds)
        tail += low_pass(raw, 3000.0 + 5000.0 * score.brightness) * decay(length, score.reverb_seconds * 0.55)
        gap = frames_of(0.018)
        tail[:gap] = 0.0
        tail[gap : 2 * gap] *= np.linspace(0.0, 1.0, gap, dtype=np.float32)
        tail /= np.sqrt(np.square(tail).sum())
        result[:, side] = signal.oaconvolve(send[:, side], tail)[: len(send)]
    result *= np.float32(1.6)
    return result


def _finish(music: Sound, score: Score) -> Sound:
    """Tilt by brightness and warmth, take off what lies under 25 Hz, fade the last chord, master."""
    music = shelf(music, 3800.0, 7.0 * (score.brightness - 0.5), high=True)
    music = shelf(music, 240.0, 2.0 * score.warmth, high=False)
    music = high_pass(music, 25.0)
    frames = len(music)
    final = min(frames - 2, round(score.bars * 4 * score.beat_seconds * RATE))
    first = final + (frames - final) // 3
    music[first:] *= np.linspace(1.0, 0.0, frames - first, dtype=np.float32)[:, None] ** 1.7
    mastered = master(music, RATE)
    mastered[-8:] = 0.0
    return mastered
