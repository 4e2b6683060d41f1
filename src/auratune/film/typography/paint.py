"""Painting letters: white with a close shadow, on as much soft shade as the picture under them makes necessary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from auratune.film.typography.clusters import clusters
from auratune.film.typography.fonts import FontStack

INK = (255, 253, 247)
_SHADOWS = ((0.07, 0.35), (0.22, 0.9), (0.6, 0.7))
"""(radius in softnesses, strength) of blurred copies of the letters."""
_DARKEST_SHADOW = 0.6
_LEAST_SIGMA_PX = 2.5
"""Of a blur in the smaller picture that it is made of."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of type set at a place of its canvas: its left edge and baseline in pixels."""

    text: str
    font: FontStack
    left_px: float
    baseline_px: float
    tracking_px: float = 0.0
    """Extra distance between letters."""
    opacity: float = 1.0

    @property
    def width_px(self) -> float:
        """Its length, with the tracking."""
        return advance(self.text, self.font, self.tracking_px)


@dataclass(frozen=True, slots=True)
class HorizontalRule:
    """A thin horizontal line."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Scrim:
    """A soft shade across the frame, as if less light fell there: a cloud of the words' own shape would look like dirt.

    It is whole from `top_px` to `bottom_px`, and vanishes over `reach_px` or runs on to an edge of the frame.
    """

    darkness: float
    top_px: float
    bottom_px: float
    reach_px: float
    open_above: bool = False
    open_below: bool = False


def advance(text: str, font: FontStack, tracking_px: float = 0.0) -> float:
    """Length of a line of type in pixels."""
    if tracking_px <= 0:
        return font.getlength(text)
    letters = clusters(text)
    return sum(font.getlength(letter) for letter in letters) + tracking_px * max(0, len(letters) - 1)


def paint(
    size_px: tuple[int, int],
    lines: Sequence[TextLine],
    rules: Sequence[HorizontalRule],
    scrim: Scrim,
    softness_px: float,
) -> npt.NDArray[np.uint8]:
    """The canvas as (height, width, 4), straight alpha; `softness_px` is the size of the letters' own shadow."""
    ink = _ink(size_px, lines, rules)
    under = _shadow(ink, softness_px)
    if scrim.darkness > 0:
        under = under + (1 - under) * _shade(size_px, scrim) * np.float32(scrim.darkness)
    alpha = ink + under * (1.0 - ink)
    light = np.divide(ink, alpha, out=np.zeros_like(ink), where=alpha > 0)
    canvas = np.empty((*ink.shape, 4), np.uint8)
    for channel, value in enumerate(INK):
        canvas[..., channel] = np.rint(light * value)
    canvas[..., 3] = np.rint(alpha * 255)
    return canvas


def _ink(
    size_px: tuple[int, int], lines: Sequence[TextLine], rules: Sequence[HorizontalRule]
) -> npt.NDArray[np.float32]:
    layer = Image.new("L", size_px)
    pen = ImageDraw.Draw(layer)
    for line in lines:
        fill = round(255 * line.opacity)
        if line.tracking_px <= 0:
            line.font.draw(pen, line.left_px, line.baseline_px, line.text, fill)
            continue
        left = line.left_px
        for letter in clusters(line.text):
            line.font.draw(pen, left, line.baseline_px, letter, fill)
            left += line.font.getlength(letter) + line.tracking_px
    for rule in rules:
        box = (rule.left_px, rule.top_px, rule.left_px + rule.width_px - 1, rule.top_px + rule.height_px - 1)
        pen.rectangle(box, fill=round(255 * rule.opacity))
    return _unit(layer)


def _shadow(ink: npt.NDArray[np.float32], softness_px: float) -> npt.NDArray[np.float32]:
    """A close, soft shadow that keeps thin strokes apart from what is behind them."""
    total = np.zeros_like(ink)
    for radius, strength in _SHADOWS:
        total += _blurred(ink, max(0.8, softness_px * radius)) * np.float32(strength)
    return np.minimum(total, np.float32(_DARKEST_SHADOW))


def _blurred(ink: npt.NDArray[np.float32], sigma_px: float) -> npt.NDArray[np.float32]:
    """A Gaussian blur; a wide one is made of a smaller picture, which takes a third of the time."""
    height, width = ink.shape
    shrink = max(1, min(int(sigma_px / _LEAST_SIGMA_PX), width, height))
    small = cv2.resize(ink, (-(-width // shrink), -(-height // shrink)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma_px / shrink, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _shade(size_px: tuple[int, int], scrim: Scrim) -> npt.NDArray[np.float32]:
    """1 over the words, softly falling off to nothing above and below, or running on to the edge of the frame."""
    width, height = size_px
    place = np.arange(height, dtype=np.float32) + np.float32(0.5)
    above = np.zeros(height) if scrim.open_above else (scrim.top_px - place) / scrim.reach_px
    below = np.zeros(height) if scrim.open_below else (place - scrim.bottom_px) / scrim.reach_px
    share = np.clip(1 - np.maximum(above, below), 0, 1).astype(np.float32)
    rows = share * share * (3 - 2 * share)
    return np.broadcast_to(rows[:, None], (height, width))


def _unit(layer: Image.Image) -> npt.NDArray[np.float32]:
    return np.asarray(layer).astype(np.float32) / np.float32(255)
