"""Draws particles as small sprites of light. Where each one is at a time follows from the seed alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from auratune.film.pixels import Pixels, pixels


@dataclass(frozen=True, slots=True)
class _Kind:
    count: int
    """At full density."""
    radius: tuple[float, float]
    """Smallest and largest, in frame widths."""
    light: tuple[float, float]
    """In levels of luma."""
    across: float
    """Frame widths a second, to the right; each particle between half and one and a half of it."""
    down: float
    sway: float
    """Frame widths."""
    streak: float = 0.0
    """Length of a streak in radii; 0 for a round one."""
    rim: float = 0.0
    """How much brighter the rim of a disc is, as out-of-focus lights have it; 0 for a soft dot."""


_KINDS = {
    "dust": _Kind(46, (0.0012, 0.0035), (14, 46), 0.012, -0.008, 0.012),
    "snow": _Kind(90, (0.0022, 0.007), (60, 150), 0.02, 0.12, 0.02),
    "bokeh": _Kind(16, (0.014, 0.042), (12, 34), 0.006, -0.01, 0.01, rim=0.5),
    "rain": _Kind(80, (0.0010, 0.0016), (26, 60), -0.06, 1.3, 0.0, streak=30.0),
}
_NEAR_SHARE = 0.4
"""Of the particles that are nearer than the subject; they are larger and faster."""
_SPRITES = 5


class ParticleField:
    """The particles of one kind for frames of one size."""

    def __init__(self, kind: str, density: float, film: tuple[int, int], seed: int) -> None:
        self._width, self._height = film
        self._kind = _KINDS[kind]
        random = np.random.default_rng([seed, sum(map(ord, kind))])
        count = max(1, round(self._kind.count * density))
        self._places = random.random((count, 2))
        self._speeds = random.uniform(0.5, 1.5, count)
        self._phases = random.random(count) * 2 * math.pi
        self._near = random.random(count) < _NEAR_SHARE
        self._light = random.uniform(*self._kind.light, count)
        sizes = np.linspace(*self._kind.radius, _SPRITES) * self._width
        self._sprites = [self._sprite(radius) for radius in sizes]
        self._choice = random.integers(0, _SPRITES, count)

    def draw(self, y: Pixels, seconds: float, light: float, *, near: bool | None = None) -> None:
        """Add the particles to luma in place; `near` draws only those before (or behind) the subject.

        `light` scales them, so that they fade with the picture.
        """
        for index in range(len(self._places)):
            if near is not None and bool(self._near[index]) != near:
                continue
            self._draw_one(index, y, seconds, light)

    def _draw_one(self, index: int, y: Pixels, seconds: float, light: float) -> None:
        kind, phase = self._kind, float(self._phases[index])
        speed = float(self._speeds[index]) * (1.5 if self._near[index] else 1.0)
        sway = kind.sway * math.sin(0.9 * seconds + phase)
        # A little more than the frame, so that none appears or goes at its edge.
        x = (float(self._places[index, 0]) + speed * kind.across * seconds + sway) % 1.2 - 0.1
        aspect = self._width / self._height
        down = (float(self._places[index, 1]) + speed * kind.down * aspect * seconds) % 1.2 - 0.1
        sprite = self._sprites[self._choice[index]]
        twinkle = 0.75 + 0.25 * math.sin(1.7 * seconds + 3 * phase)
        height, width = sprite.shape
        left, top = x * self._width - width / 2, down * self._height - height / 2
        x0, y0 = math.floor(left), math.floor(top)
        if x0 < 0 or y0 < 0 or x0 + width + 1 > self._width or y0 + height + 1 > self._height:
            return
        # Shifted by the fraction of a pixel, so that slow dust glides.
        matrix = np.array([[1, 0, left - x0], [0, 1, top - y0]])
        moved = cv2.warpAffine(sprite, matrix, (width + 1, height + 1))
        spot = y[y0 : y0 + height + 1, x0 : x0 + width + 1]
        strength = float(self._light[index]) * twinkle * light / 255
        cv2.add(spot, cv2.convertScaleAbs(moved, alpha=strength), spot)

    def _sprite(self, radius: float) -> Pixels:
        radius = max(0.8, radius)
        reach = math.ceil(2.5 * radius)
        offsets = np.arange(-reach, reach + 1, dtype=np.float32)
        distance = np.hypot(offsets[:, None], offsets[None, :]) / np.float32(radius)
        if self._kind.rim:
            disc = np.clip((1.05 - distance) * radius / 2, 0, 1) * (1 - self._kind.rim + self._kind.rim * distance**2)
            return pixels((np.clip(disc, 0, 1) * 255).astype(np.uint8))
        dot = np.exp(-(distance**2) * 1.2)
        if self._kind.streak:
            length = max(3, round(self._kind.streak * radius))
            column = np.sin(np.linspace(0, math.pi, length, dtype=np.float32))
            return pixels((column[:, None] * dot[reach][None, :] * 255).astype(np.uint8))
        return pixels((dot * 255).astype(np.uint8))
