"""The finishing pass: vignette, exposure and grain gathered into one array, and bars and light leaks laid over it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from auratune.film.effects.base import PostSettings
from auratune.film.pixels import Pixels, pixels
from auratune.film.rendering.sampler import PostArrays

_BLACK, _WHITE, _GREY = 16, 235, 128
_SPARE_PX = 64
"""The grain is larger than the frame by this much, so that each frame can draw it elsewhere."""
_BIAS = 8
"""Grain is kept as unsigned bytes around this value."""
_FADED_GRAIN_STEPS = 8
_NOISE_SIGMA = 25.0
_LEAK_LIGHT = 0.75
_LEAK_TINT = (_GREY - 46, _GREY + 62)
"""Chroma that a full light leak leads to: amber."""


class PostProcessor:
    """Post-processes frames of one size; grain and vignette are computed once."""

    def __init__(self, film: tuple[int, int], seed: int) -> None:
        self._width, self._height = film
        random = np.random.default_rng(seed)
        self._offsets = random.integers(0, _SPARE_PX, (4096, 2))
        self._dither = random.random((self._height, self._width), np.float32)
        self._noise = _noise((self._height + _SPARE_PX, self._width + _SPARE_PX), random)
        self._grains: dict[float, Pixels] = {}
        self._shades: dict[float, Pixels] = {}

    def arrays(self, settings: PostSettings, frame: int) -> PostArrays:
        """What is done to a frame."""
        gain = settings.gain * settings.fade * (1 - settings.white)
        # Black film has no grain: it fades with the picture, in a few steps that nobody can tell apart.
        faded = round(min(1.0, settings.fade) * _FADED_GRAIN_STEPS) / _FADED_GRAIN_STEPS
        across, down = self._offsets[frame % len(self._offsets)]
        grain = self._grain(settings.grain_sigma * faded)[down : down + self._height, across : across + self._width]
        return PostArrays(
            shade=self._shade(settings.vignette),
            grain=grain,
            gain=gain,
            offset=_BLACK + settings.white * settings.fade * (_WHITE - _BLACK) - _BIAS,
            chroma_gain=gain * settings.saturation,
        )

    def _shade(self, amount: float) -> Pixels:
        if amount not in self._shades:
            across = (np.arange(self._width, dtype=np.float32) + 0.5) / self._width * 2 - 1
            down = (np.arange(self._height, dtype=np.float32) + 0.5) / self._height * 2 - 1
            # Flat in the middle, then falling, near enough to a lens; dithered, so that skies show no rings.
            distance = (across[None, :] ** 2 + down[:, None] ** 2) / 2
            light = 1 - amount * np.clip((distance - 0.12) / 0.88, 0, 1) ** 1.5
            self._shades[amount] = pixels(np.clip(light * 255 + self._dither * (amount > 0), 0, 255).astype(np.uint8))
        return self._shades[amount]

    def _grain(self, sigma: float) -> Pixels:
        if sigma not in self._grains:
            grain = np.round(self._noise * np.float32(sigma / _NOISE_SIGMA) + _BIAS)
            self._grains[sigma] = pixels(np.clip(grain, 0, 2 * _BIAS).astype(np.uint8))
        return self._grains[sigma]

    def lay_bars(self, y: Pixels, uv: Pixels, ratio: float) -> None:
        """Black out what lies above and below an opening of this ratio of width to height."""
        bar = max(0, round((self._height - self._width / ratio) / 4) * 2)
        if bar:
            y[:bar] = y[self._height - bar :] = _BLACK
            uv[: bar // 2] = uv[(self._height - bar) // 2 :] = _GREY

    def leak(self, y: Pixels, uv: Pixels, strength: float, at: float) -> None:
        """Let warm light in around `at` (0 the left edge, 1 the right), in place."""
        across = (np.arange(max(2, self._width // 16)) + 0.5) * 16 / self._width
        down = (np.arange(max(2, self._height // 16)) + 0.5) * 16 / self._height
        # A slanting beam with a softer second one beside it.
        place = across[None, :] - at + 0.18 * (down[:, None] - 0.5)
        beams = np.exp(-((place / 0.22) ** 2)) + 0.45 * np.exp(-(((place + 0.33) / 0.12) ** 2))
        light = pixels((np.clip(beams, 0, 1) * strength * 255).astype(np.uint8))
        self._screen(y, light)
        half = cv2.resize(light, (uv.shape[1], uv.shape[0]))
        kept = cv2.multiply(uv, cv2.merge([cv2.addWeighted(half, -0.8, half, 0.0, 255.0)] * 2), scale=1 / 255)
        tint = cv2.merge([cv2.convertScaleAbs(half, alpha=0.8 * chroma / 255) for chroma in _LEAK_TINT])
        cv2.add(kept, tint, uv)

    def sweep(self, y: Pixels, strength: float, at: float) -> None:
        """Pass a band of white light over the luma, in place; `at` as for `leak`."""
        across = (np.arange(max(2, self._width // 16)) + 0.5) * 16 / self._width
        down = (np.arange(max(2, self._height // 16)) + 0.5) * 16 / self._height
        place = across[None, :] - at + 0.25 * (down[:, None] - 0.5)
        light = np.exp(-((place / 0.13) ** 2)) * strength * 255
        self._screen(y, pixels(np.clip(light, 0, 255).astype(np.uint8)))

    def _screen(self, y: Pixels, light: Pixels) -> None:
        """Screened, so that highlights do not clip."""
        wide = cv2.resize(light, (self._width, self._height))
        room = cv2.addWeighted(y, -1.0, y, 0.0, _WHITE)
        cv2.addWeighted(y, 1.0, cv2.multiply(room, wide, scale=1 / 255), _LEAK_LIGHT, 0, y)


def _noise(shape: tuple[int, int], random: np.random.Generator) -> NDArray[np.int8]:
    """Normal noise in clumps of about two pixels, as silver has, rather than in the single pixels of a sensor."""
    noise = np.asarray(cv2.GaussianBlur(random.standard_normal(shape, np.float32), (0, 0), 0.55), np.float32)
    scaled: NDArray[np.int8] = np.clip(noise * (_NOISE_SIGMA / noise.std()), -127, 127).astype(np.int8)
    return scaled
