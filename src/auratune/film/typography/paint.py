"""Painting letters: white with a close shadow, on as much soft shade as the picture under them makes necessary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from PIL import ImageFont

INK = (255, 253, 247)
_SHADOW = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type set at a place of its canvas: its left edge and baseline in pixels."""

    text: str
    font: ImageFont.FreeTypeFont
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
class Rule:
    """A thin horizontal line."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    opacity: float = 1.0


def advance(text: str, font: ImageFont.FreeTypeFont, tracking_px: float = 0.0) -> float:
    """Length of a line of type in pixels."""
    if tracking_px <= 0:
        return font.getlength(text)
    return sum(font.getlength(letter) for letter in text) + tracking_px * max(0, len(text) - 1)


def painted(
    size_px: tuple[int, int], lines: Sequence[Line], rules: Sequence[Rule], shade: float, softness_px: float
) -> npt.NDArray[np.uint8]:
    """The canvas as (height, width, 4), straight alpha.

    Under each line the shade is at least `shade` dark (0 to 1) and falls off softly outside it.
    """
    ink = _ink(size_px, lines, rules)
    under = _shadow(ink, softness_px)
    if shade > 0:
        under = under + (1 - under) * _shade(size_px, lines, softness_px) * np.float32(shade)
    alpha = ink + under * (1.0 - ink)
    light = np.divide(ink, alpha, out=np.zeros_like(ink), where=alpha > 0)
    canvas = np.empty((*ink.shape, 4), np.uint8)
    for channel, value in enumerate(INK):
        canvas[..., channel] = np.rint(light * value)
    canvas[..., 3] = np.rint(alpha * 255)
    return canvas


def _ink(size_px: tuple[int, int], lines: Sequence[Line], rules: Sequence[Rule]) -> npt.NDArray[np.float32]:
    layer = Image.new("L", size_px)
    pen = ImageDraw.Draw(layer)
    for line in lines:
        fill = round(255 * line.opacity)
        if line.tracking_px <= 0:
            pen.text((line.left_px, line.baseline_px), line.text, font=line.font, fill=fill, anchor="ls")
            continue
        left = line.left_px
        for letter in line.text:
            pen.text((left, line.baseline_px), letter, font=line.font, fill=fill, anchor="ls")
            left += line.font.getlength(letter) + line.tracking_px
    for rule in rules:
        box = (rule.left_px, rule.top_px, rule.left_px + rule.width_px - 1, rule.top_px + rule.height_px - 1)
        pen.rectangle(box, fill=round(255 * rule.opacity))
    return _unit(layer)


def _shadow(ink: npt.NDArray[np.float32], softness_px: float) -> npt.NDArray[np.float32]:
    """A close shadow that keeps thin strokes apart from what is behind them."""
    layer = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    near = _unit(layer.filter(ImageFilter.GaussianBlur(max(0.8, softness_px * 0.06))))
    far = _unit(layer.filter(ImageFilter.GaussianBlur(max(1.5, softness_px * 0.35))))
    return np.clip(_SHADOW * near + 1.1 * _SHADOW * far, 0.0, 0.75).astype(np.float32)


def _shade(size_px: tuple[int, int], lines: Sequence[Line], softness_px: float) -> npt.NDArray[np.float32]:
    layer = Image.new("L", size_px)
    pen = ImageDraw.Draw(layer)
    for line in lines:
        ascent, descent = line.font.getmetrics()
        air = softness_px * 1.1
        pen.rounded_rectangle(
            (
                line.left_px - air,
                line.baseline_px - ascent - air,
                line.left_px + line.width_px + air,
                line.baseline_px + descent + air,
            ),
            radius=air,
            fill=255,
        )
    soft = _unit(layer.filter(ImageFilter.GaussianBlur(softness_px * 0.75)))
    # The blur eats into the ends of a line; what is under letters keeps the whole shade.
    whole: npt.NDArray[np.float32] = np.minimum(soft * np.float32(1.15), np.float32(1))
    return whole


def _unit(layer: Image.Image) -> npt.NDArray[np.float32]:
    return np.asarray(layer).astype(np.float32) / np.float32(255)
