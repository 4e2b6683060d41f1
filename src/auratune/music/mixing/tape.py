"""An old tape machine: speed that wavers, soft saturation, and highs that do not come back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from auratune.music.instruments.synthesis import RATE, Sound, low_pass

if TYPE_CHECKING:
    from concurrent.futures import Executor

_WOW = ((0.55, 0.0011), (1.3, 0.0004))
"""Rates in Hz and depths, as shares of the speed, of slow wavering."""
_FLUTTER = ((6.7, 0.00035), (11.3, 0.0002))
_ROLL_OFF_HZ = 8500.0
_SATURATION = 1.6
_CHUNK, _MARGIN = 1 << 16, 256


def play_on_tape(music: Sound, amount: float, pool: Executor) -> None:
    """Change (2, frames) in place; `amount` is above 0 (nearly as it was) to 1. Timing moves by less than 1 ms."""
    level = float(np.sqrt(np.vdot(music, music) / music.size)) + 1e-9
    drive = np.float32(_SATURATION * amount / (4.0 * level))
    list(pool.map(partial(_play_side, amount=amount, drive=drive), music))


def _play_side(side: Sound, amount: float, drive: np.float32) -> None:
    frames = len(side)
    before = side[:0]
    for start in range(0, frames, _CHUNK):
        places = np.arange(start, min(frames, start + _CHUNK), dtype=np.float64)
        time = places / RATE
        for number, (rate_hz, depth) in enumerate((*_WOW, *_FLUTTER)):
            swing = amount * depth * RATE / (2 * np.pi * rate_hz)
            places += swing * np.sin(2 * np.pi * rate_hz * time + 1.7 * number)
        # What is read lies at most a few samples behind what was written already, so a margin is kept.
        first = max(0, start - _MARGIN)
        source = np.concatenate((before, side[start : start + _CHUNK + _MARGIN]))
        before = side[max(0, start + _CHUNK - _MARGIN) : start + _CHUNK].copy()
        side[start : start + len(places)] = np.interp(places - first, np.arange(len(source)), source)
    side *= drive
    np.tanh(side, out=side)
    side /= drive
    side[:] = low_pass(side, _ROLL_OFF_HZ + (1.0 - amount) * 9000.0)
