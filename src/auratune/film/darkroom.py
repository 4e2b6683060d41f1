"""The finishing pass: vignette, exposure, grain, bars, and light leaks, carried out together on a drawn frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from auratune.film.pixels import Pixels, pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.film.finish import Finish

_BLACK, _WHITE, _GREY = 16, 235, 128
_SPARE_PX = 64
"""The grain is larger than the frame by this much, so that each frame can lay it elsewhere."""
_BIAS = 8
"""Grain is kept as unsigned bytes around this value."""
_LEAK_YUV = (150.0, -46.0, 62.0)
"""What a full light leak adds to luma and chroma: amber."""


class Darkroom:
    """Finishes frames of one size; all that repeats is worked out once."""

    def __init__(self, film: tuple[int, int], seed: int) -> None:
        self._width, self._height = film
        self._random = np.random.default_rng(seed)
        self._offsets = self._random.integers(0, _SPARE_PX, (4096, 2))
        self._grains: dict[float, Pixels] = {}
        self._vignettes: dict[float, tuple[Pixels, Pixels]] = {}
        self._leak: NDArray[np.float32] | None = None

    def finish(self, y: Pixels, uv: Pixels, wish: Finish, frame: int) -> None:
        """Finish a frame in place."""
        gain = wish.gain * wish.fade * (1 - wish.white)
        strength = min(1.0, wish.fade) if wish.grain_sigma > 0 else 0.0
        self._expose(y, uv, gain, wish.white * wish.fade, wish.vignette, _BIAS * strength)
        if strength > 0:
            self._lay_grain(y, wish.grain_sigma, strength, frame)
        if wish.letterbox > 0:
            self._lay_bars(y, uv, wish.letterbox)

    def _expose(self, y: Pixels, uv: Pixels, gain: float, white: float, vignette: float, bias: float) -> None:
        # (y - 16) * gain * vignette + 16, then white; the constant part is gathered into one offset.
        offset = _BLACK - _BLACK * gain + white * (_WHITE - _BLACK) - bias
        if vignette > 0:
            shade, rest = self._vignette(vignette)
            cv2.multiply(y, shade, y, scale=gain / 255)
            cv2.addWeighted(y, 1.0, rest, gain, offset, y)
        elif gain != 1.0 or white > 0 or bias > 0:
            cv2.convertScaleAbs(y, y, gain, offset)
        if gain != 1.0:
            cv2.convertScaleAbs(uv, uv, gain, _GREY * (1 - gain))

    def _vignette(self, amount: float) -> tuple[Pixels, Pixels]:
        """What luma is multiplied by (255 for 1), and what that takes off black."""
        if amount not in self._vignettes:
            across = (np.arange(self._width) + 0.5) / self._width * 2 - 1
            down = (np.arange(self._height) + 0.5) / self._height * 2 - 1
            distance = (across[None, :] ** 2 + down[:, None] ** 2) / 2
            # Flat in the middle, then falling as the fourth power of the distance, near enough to a lens.
            light = 1 - amount * np.clip((distance - 0.12) / 0.88, 0, 1) ** 1.5
            shade = np.clip(light * 255 + self._random.uniform(0, 1, light.shape), 0, 255).astype(np.uint8)
            rest = np.round(_BLACK * (1 - shade / 255.0)).astype(np.uint8)
            self._vignettes[amount] = shade, rest
        return self._vignettes[amount]

    def _lay_grain(self, y: Pixels, sigma: float, strength: float, frame: int) -> None:
        if sigma not in self._grains:
            self._grains[sigma] = self._make_grain(sigma)
        across, down = self._offsets[frame % len(self._offsets)]
        grain = self._grains[sigma][down : down + self._height, across : across + self._width]
        if strength < 1.0:
            cv2.addWeighted(y, 1.0, grain, strength, 0.0, y)
        else:
            cv2.add(y, grain, y)

    def _make_grain(self, sigma: float) -> Pixels:
        shape = (self._height + _SPARE_PX, self._width + _SPARE_PX)
        # Clumps of about two pixels, as silver has, rather than the single pixels of a sensor.
        noise = cv2.GaussianBlur(self._random.standard_normal(shape, np.float32), (0, 0), 0.55)
        noise = noise * (sigma / noise.std())
        return pixels(np.clip(np.round(noise + _BIAS), 0, 2 * _BIAS).astype(np.uint8))

    def _lay_bars(self, y: Pixels, uv: Pixels, ratio: float) -> None:
        bar = max(0, round((self._height - self._width / ratio) / 4) * 2)
        if bar:
            y[:bar] = y[self._height - bar :] = _BLACK
            uv[: bar // 2] = uv[(self._height - bar) // 2 :] = _GREY

    def leak(self, y: Pixels, uv: Pixels, strength: float, at: float) -> None:
        """Let warm light in around `at` (0 the left edge, 1 the right), in place."""
        small = (max(2, self._width // 16), max(2, self._height // 16))
        across = (np.arange(small[0]) + 0.5) / small[0]
        down = (np.arange(small[1]) + 0.5) / small[1]
        # A slanting beam with a softer second one beside it.
        place = across[None, :] - at + 0.18 * (down[:, None] - 0.5)
        light = np.exp(-((place / 0.22) ** 2)) + 0.45 * np.exp(-(((place + 0.33) / 0.12) ** 2))
        light = (np.clip(light, 0, 1) * strength).astype(np.float32)
        wide = cv2.resize(cv2.convertScaleAbs(light, alpha=255), (self._width, self._height))
        # Screened, so that highlights do not clip: y + light * (white - y) / white.
        room = cv2.addWeighted(y, -1.0, y, 0.0, _WHITE)
        cv2.addWeighted(y, 1.0, cv2.multiply(room, wide, scale=1 / 255), _LEAK_YUV[0] / 200, 0, y)
        half = cv2.resize(light, (uv.shape[1], uv.shape[0]))[..., None]
        tint = np.array([_GREY + _LEAK_YUV[1], _GREY + _LEAK_YUV[2]], np.float32)
        uv[:] = (uv + (tint - uv) * (half * np.float32(0.8)) + np.float32(0.5)).astype(np.uint8)
