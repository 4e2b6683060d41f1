"""A plucked string as a delay line that feeds back on itself, after K. Karplus and A. Strong (1983)."""

from __future__ import annotations

import numpy as np

from auratune.music.instruments.synthesis import RATE, Sound, low_pass, noise


def pluck(
    frequency_hz: float,
    frames: int,
    *,
    ring_seconds: float,
    edge_hz: float,
    loss: float = 0.5,
    position: float = 0.22,
    seed: int = 0,
) -> Sound:
    """A string plucked at time 0, peak about 1, in tune to a fraction of a cent.

    `ring_seconds` is the time to fall by 60 dB; `edge_hz` how sharp the pluck is; `loss` (0.1 to 0.5) how soon the
    highs go; `position` where along the string it is plucked, which takes out every 1/position-th overtone.
    """
    period = RATE / frequency_hz
    delay = max(2, round(period - loss))
    turn = delay + loss
    # The loop delays by whole samples and the filter's share: it is played a little off and read back in tune.
    needed = int(frames * turn / period) + delay + 4
    string = np.zeros(needed, dtype=np.float32)
    string[1 : delay + 1] = _excitation(delay, edge_hz, position, seed)
    keep = 10.0 ** (-3.0 * turn / (ring_seconds * RATE))
    near, far = np.float32(keep * (1.0 - loss)), np.float32(keep * loss)
    for start in range(delay + 1, needed, delay):
        end = min(start + delay, needed)
        string[start:end] = (
            near * string[start - delay : end - delay] + far * string[start - delay - 1 : end - delay - 1]
        )
    place = np.arange(frames, dtype=np.float64) * (turn / period) + 1.0
    index = place.astype(np.int32)
    fraction = (place - index).astype(np.float32)
    low = string[index]
    sound: Sound = low + fraction * (string[index + 1] - low)
    return sound


def _excitation(delay: int, edge_hz: float, position: float, seed: int) -> Sound:
    # Three rounds of the filter, so that the burst is as the loop will hold it: without a step at its seam.
    raw = np.tile(noise(delay, 1000 + seed), 3)
    burst = low_pass(raw, 1.3 * edge_hz, order=2)[-delay:]
    burst = burst - np.roll(burst, max(1, round(delay * position)))
    burst -= burst.mean()
    shaped: Sound = burst / np.float32(np.abs(burst).max() + 1e-6)
    return shaped
