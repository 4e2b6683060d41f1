"""Mixes the stems of a song: reverb, filter sweep, tape, wider choruses, tone, fade; and masters the sum."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    decay,
    frames_of,
    high_pass,
    highs_of,
    low_pass,
    noise,
    times,
)
from auratune.music.mixing.loudness import master
from auratune.music.mixing.stems import PLAYERS, brightness_of, gain, stems_of
from auratune.music.mixing.tape import play_on_tape
from auratune.music.mixing.tone_balance import balance

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from auratune.music.score import Score

_SIDES = (0, 1)
_CHORUS_HIGHS_DB, _CHORUS_SIDE_DB = 3.2, 3.0
"""How much brighter above 4 kHz, and wider, choruses are than verses at least."""
_MOST_LIFT_DB = 12.0
_SIDE = 0.8
"""Share of the sides that stays."""


def mix(score: Score, keep_stem: Callable[[str, Sound], None] | None = None) -> Sound:
    """Play and mix a score to (frames, 2) float32 at 44.1 kHz, mastered to -14 LUFS, on two processor cores.

    `keep_stem` is called with each part's name and its stem as it stands in the mix, before reverb and master, in the
    order of the parts.
    """
    frames = round(score.length_seconds * RATE)
    # One large block, for the system takes a large one back whole: arrays that come and go leave holes in the heap
    # (measured: 20 MB less at the peak).
    buffers = np.zeros((3, 2, frames), dtype=np.float32)
    dry, swept, hall = buffers
    with ThreadPoolExecutor(PLAYERS, "mix") as pool:
        for part, stem in stems_of(score, frames, pool):
            if keep_stem is not None:
                keep_stem(part.name, np.ascontiguousarray(stem.T))
            bus = swept if part.channel.sweeps and score.sweep else dry
            bus += stem
            stem *= np.float32(gain(part.channel.reverb_db))
            hall += stem
        del stem, bus
        if score.sweep:
            _sweep(swept, score, pool)
            dry += swept
        for side in _SIDES:
            # One after the other: at the same time they would take 50 MB more.
            _reverb(hall, score, side)
        dry += hall
        _finish(dry, score, pool)
    samples = np.ascontiguousarray(dry.T)
    del buffers, dry, swept, hall
    return master(samples, RATE)


def _sweep(music: Sound, score: Score, pool: Executor) -> None:
    """Close a filter over the music and open it into each chorus: a crossfade, in place, with a low-passed copy."""
    beat, bar = score.beat_seconds, score.bar_beats * score.beat_seconds
    points: list[tuple[float, float]] = [(0.0, 0.0)]
    for section in score.sections:
        start, end = section.first_bar * bar, section.end_bar * bar
        if section.name == "intro":
            points += [(start, 0.85), (end, 0.25)]
        elif section.name == "chorus" and start > 0:
            points += [(start - bar, 0.15), (start - 1.5 * beat, 1.0), (start - 0.02, 0.4), (start, 0.0)]
    points.sort()
    depth = np.interp(times(music.shape[-1]), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)
    depth *= np.float32(score.sweep)

    def close(side: int) -> None:
        dark = low_pass(music[side], 650.0)
        dark -= music[side]
        dark *= depth
        music[side] += dark

    list(pool.map(close, _SIDES))


def _reverb(send: Sound, score: Score, side: int) -> None:
    """One side of the hall, in place: noise that decays, highs sooner than lows, after a short gap."""
    length = frames_of(score.reverb_seconds)
    raw = noise(length, 9000 + side)
    tail = low_pass(raw, 1400.0) * decay(length, score.reverb_seconds)
    tail += low_pass(raw, 3000.0 + 5000.0 * brightness_of(score)) * decay(length, score.reverb_seconds * 0.55)
    gap = frames_of(0.018)
    tail[:gap] = 0.0
    tail[gap : 2 * gap] *= np.linspace(0.0, 1.0, gap, dtype=np.float32)
    tail *= np.float32(1.6) / np.sqrt(np.square(tail).sum())
    send[side] = signal.oaconvolve(high_pass(send[side], 180.0), tail)[: send.shape[-1]]


def _finish(music: Sound, score: Score, pool: Executor) -> None:
    """Keep the lows in the middle, lift the choruses, set the tone, fade the last chord; in place."""
    _narrow(music)
    if score.tape:
        play_on_tape(music, score.tape, pool)
    _lift_choruses(music, score, pool)
    balance(music, brightness_of(score), score.warmth, pool, air_db=score.air_db)
    frames = music.shape[-1]
    final = min(frames - 2, round(score.total_beats * score.beat_seconds * RATE))
    first = final + (frames - final) // 3
    fade = np.linspace(1.0, 0.0, frames - first, dtype=np.float32) ** 1.7
    music[:, first:] *= fade


def _lift_choruses(music: Sound, score: Score, pool: Executor) -> None:
    """Make choruses brighter above 4 kHz, and wider, than verses where they are not so by themselves; in place."""
    bar = score.bar_beats * score.beat_seconds
    points = []
    for section in score.sections:
        level = {"chorus": 1.0, "verse": 0.0, "bridge": 0.0}.get(section.name, 0.4)
        points += [(section.first_bar * bar, level), ((section.end_bar - 0.1) * bar, level)]
    lift = np.interp(times(music.shape[-1]), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)
    side = (music[0] - music[1]) * np.float32(0.5)
    middle = (music[0] + music[1]) * np.float32(0.5)
    _widen(side, _CHORUS_SIDE_DB - _contrast_db(side, middle, score), lift)
    music[0] = middle + side
    music[1] = middle - side
    del side
    del middle
    highs = np.stack(list(pool.map(lambda channel: highs_of(channel, 4000.0), music)))
    needed_db = _CHORUS_HIGHS_DB - _contrast_db(highs, music, score)
    music -= highs
    _widen(highs, needed_db, lift)
    music += highs


def _widen(sound: Sound, needed_db: float, lift: Sound) -> None:
    """Raise a sound in choruses and lower it elsewhere, so that the two come apart by what is needed; in place."""
    apart = np.float32(min(_MOST_LIFT_DB, max(0.0, needed_db)))
    sound *= np.exp((lift - np.float32(0.5)) * apart * np.float32(np.log(10.0) / 20.0))


def _contrast_db(part: Sound, whole: Sound, score: Score) -> float:
    """By how much the share of a part in the whole is larger in choruses than in verses, in dB."""
    bar = score.bar_beats * score.beat_seconds * RATE
    shares = []
    for name in ("chorus", "verse"):
        inside = [slice(int(s.first_bar * bar), int(s.end_bar * bar)) for s in score.sections if s.name == name]
        power = [sum(float(np.square(sound[..., at]).sum()) for at in inside) for sound in (part, whole)]
        shares.append(10.0 * np.log10((power[0] + 1e-9) / (power[1] + 1e-9)))
    return float(shares[0] - shares[1]) if any(s.name == "verse" for s in score.sections) else 99.0


def _narrow(music: Sound) -> None:
    """Take the sides down a little, and under 160 Hz altogether; then level left and right.

    So the mix holds on one loudspeaker, and does not lean.
    """
    side = (music[0] - music[1]) * np.float32(0.5 * _SIDE)
    music[0] += music[1]
    music[0] *= 0.5
    music[1] = music[0]
    side = high_pass(side, 160.0, order=1)
    music[0] += side
    music[1] -= side
    lean = float(np.sqrt(np.vdot(music[0], music[0]) / max(1e-12, float(np.vdot(music[1], music[1])))))
    music[0] *= np.float32(lean**-0.5)
    music[1] *= np.float32(lean**0.5)
