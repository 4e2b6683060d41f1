"""What the synthesised instruments are made of: wave tables, envelopes, noise and filters, in float32 at 44.1 kHz."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray
from scipy import signal

P = ParamSpec("P")

RATE = 44100
Sound = NDArray[np.float32]
"""Samples: (frames,) mono or (2, frames) stereo; only what leaves the mixer is (frames, 2)."""

_TABLE_BITS = 11
_TABLE = 1 << _TABLE_BITS
_SHIFT = np.uint32(32 - _TABLE_BITS)
_FRACTION = np.uint32((1 << (32 - _TABLE_BITS)) - 1)
_FRACTION_SCALE = np.float32(1.0 / (1 << (32 - _TABLE_BITS)))
_HIGHEST_PARTIAL_HZ = 18500.0
_TAPER_HZ = 10500.0
"""From about here partials fade, so that no edge is seen where they end."""
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Stroke:
    """One note as an instrument gets it."""

    pitch: int
    """MIDI; drums: General MIDI percussion."""
    hold_seconds: float
    """How long the key is down; the release comes on top."""
    velocity: float
    """0 to 1: how hard, which changes the colour as well as the level."""
    brightness: float = 0.5
    """0 (dark) to 1 (bright), of the whole song."""
    take: int = 0
    """Seeds what differs between two strokes of the same note, so that repeats do not sound like a machine."""


class SoundCache:
    """Sounds of struck instruments by what they were made from; the oldest goes first when it is full.

    Belongs to whoever plays a part. What it returns must not be changed in place.
    """

    def __init__(self, most_bytes: int = 16_000_000) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._sounds: dict[Hashable, Sound] = {}

    def get(self, make: Callable[P, Sound], *args: P.args, **kwargs: P.kwargs) -> Sound:
        """What `make` returns for these arguments, made once."""
        key = (make, args)
        if key not in self._sounds:
            sound = make(*args, **kwargs)
            self._bytes += sound.nbytes
            while self._sounds and self._bytes > self._most_bytes:
                self._bytes -= self._sounds.pop(next(iter(self._sounds))).nbytes
            self._sounds[key] = sound
        return self._sounds[key]


Instrument = Callable[[Stroke, SoundCache], Sound]
"""Plays one stroke; the sound begins at its first frame and has died away at its last."""

DrumPiece = Callable[[float, float, int], Sound]
"""One hit, (2, frames), by velocity, brightness and take."""


def drum_kit(pieces: dict[int, DrumPiece], *, takes: int, touch: float) -> Instrument:
    """An instrument of drum pieces by General MIDI number. Level rises with velocity to the power of `touch`."""

    def play(stroke: Stroke, cache: SoundCache) -> Sound:
        velocity, brightness = round(stroke.velocity * 4) / 4, round(stroke.brightness, 1)
        hit = cache.get(pieces[stroke.pitch], velocity, brightness, stroke.take % takes)
        return hit * np.float32(stroke.velocity**touch)

    return play


def hz(pitch: float) -> float:
    """Frequency of a MIDI pitch in equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def frames_of(seconds: float) -> int:
    """Whole frames of a time."""
    return max(1, round(seconds * RATE))


def times(frames: int) -> Sound:
    """The time of each frame in seconds."""
    return np.arange(frames, dtype=np.float32) / np.float32(RATE)


def noise(frames: int, seed: int) -> Sound:
    """White noise of RMS 1, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal(frames, dtype=np.float32)


def decay(frames: int, sixty_db_seconds: float) -> Sound:
    """An exponential from 1 that has fallen by 60 dB after so many seconds."""
    curve: Sound = np.exp(times(frames) * np.float32(-6.9078 / max(sixty_db_seconds, 1e-3)))
    return curve


def swell(hold_seconds: float, attack_seconds: float, release_seconds: float, *, sag: float = 0.0) -> Sound:
    """A sustained envelope: a rounded rise, a hold that sags by a share of itself, a rounded fall to zero."""
    held = frames_of(max(hold_seconds, attack_seconds + 0.01))
    rise, fall = frames_of(attack_seconds), frames_of(release_seconds)
    shape = np.ones(held + fall, dtype=np.float32)
    shape[:rise] = np.sin(np.linspace(0.0, np.pi / 2, rise, dtype=np.float32)) ** 2
    if sag:
        shape[rise:] *= 1.0 - sag * (1.0 - np.exp(-times(held + fall - rise) / np.float32(0.6)))
    shape[held:] *= np.linspace(1.0, 0.0, fall, dtype=np.float32) ** 2
    return shape


def fade_edges(sound: Sound, in_seconds: float = 0.001, out_seconds: float = 0.01) -> Sound:
    """Ramp both ends in place, so that nothing clicks; returns the sound."""
    frames = sound.shape[-1]
    rise, fall = min(frames, frames_of(in_seconds)), min(frames, frames_of(out_seconds))
    sound[..., :rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    sound[..., -fall:] *= np.linspace(1.0, 0.0, fall, dtype=np.float32)
    return sound


def enough_seconds(hold_seconds: float, ring_seconds: float) -> float:
    """How long a struck sound must be made for a hold: in half seconds, so that few lengths serve many notes."""
    return min(ring_seconds, 0.5 * math.ceil((hold_seconds + 0.3) / 0.5))


def damp(sound: Sound, hold_seconds: float, release_seconds: float) -> Sound:
    """A copy of a struck sound, cut short by a damper at the end of its hold."""
    held = frames_of(hold_seconds)
    end = min(sound.shape[-1], held + frames_of(release_seconds))
    short = sound[..., :end].copy()
    if held < end:
        short[..., held:] *= np.linspace(1.0, 0.0, end - held, dtype=np.float32) ** 2
    return short


@lru_cache(maxsize=256)
def wave_table(amplitudes: tuple[float, ...], seed: int = 0) -> Sound:
    """One cycle with these harmonic amplitudes from the fundamental up; phases scattered by the seed (0: all sines).

    One guard sample repeats the first. Phase scatter keeps the crest factor low.
    """
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    count = min(len(amplitudes), _TABLE // 2 - 1)
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, count) if seed else np.full(count, -np.pi / 2)
    spectrum[1 : count + 1] = np.asarray(amplitudes[:count]) * np.exp(1j * phases) * (_TABLE / 2)
    cycle = np.fft.irfft(spectrum, _TABLE).astype(np.float32)
    return np.append(cycle, cycle[:1])


def taper(partial_hz: NDArray[np.floating]) -> NDArray[np.floating]:
    """Factors that let partials fade out towards 18 kHz instead of ending at once."""
    return np.asarray(1.0 / (1.0 + (partial_hz / _TAPER_HZ) ** 6))


def ringing(
    frames: int,
    partial_hz: NDArray[np.floating],
    levels: NDArray[np.floating],
    sixty_db_seconds: NDArray[np.floating],
    *phases: NDArray[np.floating],
) -> Sound:
    """The sum of decaying sines, one for each element of the arrays: (channels, frames), a channel for each `phases`.

    exp(zt) over the whole sound is the product of its values at block starts and within a block, so that the sum over
    all partials is two matrix products.
    """
    turn = -6.9078 / (sixty_db_seconds * RATE) + 2j * np.pi * partial_hz / RATE
    count = -(-frames // _BLOCK)
    starts = np.exp(np.arange(count)[:, None] * (_BLOCK * turn))
    inside = np.cumprod(np.broadcast_to(np.exp(turn), (_BLOCK, len(turn))), axis=0).astype(np.complex64)
    sound = np.empty((len(phases), count * _BLOCK), dtype=np.float32)
    for channel, phase in enumerate(phases):
        blocks = (starts * (levels * np.exp(1j * phase))).astype(np.complex64)
        rows = blocks.real @ inside.real.T
        rows -= blocks.imag @ inside.imag.T
        sound[channel] = rows.reshape(-1)
    return sound[:, :frames]


@lru_cache(maxsize=512)
def filtered_harmonics(
    fundamental_hz: float, cutoff_hz: float, *, order: float = 2.0, odd_only: bool = False, tilt: float = 1.0
) -> tuple[float, ...]:
    """Amplitudes k^-tilt (a saw at tilt 1, a square with odd ones only) behind a low-pass, fading towards 18 kHz."""
    count = max(1, min(_TABLE // 2 - 1, int(_HIGHEST_PARTIAL_HZ / fundamental_hz)))
    number = np.arange(1, count + 1, dtype=np.float64)
    amplitudes = number**-tilt / np.sqrt(1.0 + (number * fundamental_hz / cutoff_hz) ** (2.0 * order))
    amplitudes = (amplitudes * taper(number * fundamental_hz))[: max(1, int((amplitudes > 2e-5).sum()))]
    if odd_only:
        amplitudes[1::2] = 0.0
    return tuple(float(f"{value:.4g}") for value in amplitudes)


def oscillate(
    table: Sound, frequency_hz: float, frames: int, *, phase: float = 0.0, bend: Sound | None = None
) -> Sound:
    """Read a wave table at a frequency; `bend` multiplies the frequency frame by frame (vibrato, glides).

    A 32-bit phase wraps by itself; linear interpolation keeps the error of a 2048-sample table under -90 dB.
    """
    step = frequency_hz / RATE * 4294967296.0
    if bend is None:
        position = np.arange(frames, dtype=np.uint32) * np.uint32(round(step))
    else:
        position = np.cumsum((bend * np.float32(step)).astype(np.uint32), dtype=np.uint32)
    position += np.uint32(int(phase % 1.0 * 4294967295.0))
    index = position >> _SHIFT
    fraction = (position & _FRACTION).astype(np.float32) * _FRACTION_SCALE
    low = table[index]
    wave: Sound = low + fraction * (table[index + 1] - low)
    return wave


def vibrato(frames: int, rate_hz: float, cents: float, *, delay_seconds: float = 0.3, phase: float = 0.0) -> Sound:
    """A frequency factor that swings by some cents, coming in slowly as players do."""
    time = times(frames)
    depth = np.clip((time - delay_seconds) / 0.5, 0.0, 1.0) * np.float32(cents / 1200.0 * np.log(2.0))
    factor: Sound = 1.0 + depth * np.sin(np.float32(2 * np.pi * rate_hz) * time + np.float32(phase))
    return factor


@lru_cache(maxsize=64)
def _sections(kind: str, corner_hz: tuple[float, ...], order: int) -> NDArray[np.float32]:
    corner: Any = corner_hz[0] if len(corner_hz) == 1 else corner_hz
    sections: NDArray[np.float32] = signal.butter(order, corner, kind, fs=RATE, output="sos").astype(np.float32)
    return sections


def _pass(sound: Sound, kind: str, *corner_hz: float, order: int = 2) -> Sound:
    filtered: Sound = signal.sosfilt(_sections(kind, corner_hz, order), sound)
    return filtered


def low_pass(sound: Sound, corner_hz: float, order: int = 2) -> Sound:
    """Butterworth low-pass along time."""
    return _pass(sound, "lowpass", min(corner_hz, RATE * 0.47), order=order)


def high_pass(sound: Sound, corner_hz: float, order: int = 2) -> Sound:
    """Butterworth high-pass along time."""
    return _pass(sound, "highpass", corner_hz, order=order)


def highs_of(sound: Sound, corner_hz: float) -> Sound:
    """What lies above a corner, in phase with the whole, so that scaling and adding it back is a clean shelf."""
    highs: Sound = signal.sosfiltfilt(_sections("highpass", (corner_hz,), 4), sound, padlen=0).astype(np.float32)
    return highs


def band_pass(sound: Sound, low_hz: float, high_hz: float, order: int = 1) -> Sound:
    """Butterworth band-pass along time."""
    return _pass(sound, "bandpass", low_hz, min(high_hz, RATE * 0.47), order=order)


def stereo(left: Sound, right: Sound) -> Sound:
    """Two channels as one sound."""
    return np.stack((left, right))
