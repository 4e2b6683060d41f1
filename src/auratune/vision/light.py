"""Measures light, colour and crispness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.core.scene import Light
from auratune.vision import image_ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEASURED_EDGE_PX = 512
_TILES = 10
_CLIPPED_HIGH = 250
_CLIPPED_LOW = 6
_FULLY_WARM_B = 32.0
"""Lab b* of a whole picture at sunset; pictures go little beyond."""
_VERY_COLOURFUL = 100.0
"""`extremely colourful` begins at 109 on the scale of Hasler and Süsstrunk."""
_BUSY_GRADIENT = 14.0
_CRISP = 0.30
_FLAT = 8.0
_FAINT = 0.1
_GRAIN = 0.4
"""What rounding to whole grey levels adds to squared differences."""


def light_of(picture: NDArray[np.uint8]) -> Light:
    """Measure an RGB picture of shape (height, width, 3) at the size its close-ups are cut from."""
    small = image_ops.shrink(picture, _MEASURED_EDGE_PX)
    luma = image_ops.grey(small)
    low, high = np.percentile(luma, (5, 95))
    colours = image_ops.lab(small)
    return Light(
        brightness=_share(float(luma.mean()) / 255),
        contrast=_share(float(high - low) / 255),
        warmth=_warmth(colours),
        colourfulness=_share(_colourfulness(small) / _VERY_COLOURFUL),
        edge_energy=_share(float(image_ops.gradient(luma).mean()) / _BUSY_GRADIENT),
        sharpness=_share(_sharpness(image_ops.grey(picture))),
        clipped_highlights=_share(float((luma >= _CLIPPED_HIGH).mean())),
        clipped_shadows=_share(float((luma <= _CLIPPED_LOW).mean())),
    )


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _warmth(colours: NDArray[np.float32]) -> float:
    """Mean amber-blue of what is neither blown out nor black, reddish tints counting a little as warm."""
    lightness = colours[..., 0]
    seen = (lightness > 8) & (lightness < 97)
    if seen.mean() < 0.02:
        return 0.0
    amber = float(colours[..., 2][seen].mean()) + 0.35 * float(colours[..., 1][seen].mean())
    return round(min(1.0, max(-1.0, amber / _FULLY_WARM_B)), 4)


def _colourfulness(picture: NDArray[np.uint8]) -> float:
    """Hasler and Süsstrunk (2003), "Measuring colourfulness in natural images"."""
    red, green, blue = (picture[..., index].astype(np.float32) for index in range(3))
    first, second = red - green, (red + green) / 2 - blue
    spread = float(np.hypot(first.std(), second.std()))
    return spread + 0.3 * float(np.hypot(first.mean(), second.mean()))


def _sharpness(luma: NDArray[np.uint8]) -> float:
    """How steep edges are for their height, in the crispest quarter; about 1 / n for an n-fold enlargement.

    Compares squared differences over one pixel with those over two: 1/4 on a ramp much wider than that, above 1/2 at
    an edge as steep as the grid bears, whatever the contrast. What is beyond 1/4 falls with the square of enlargement:
    photos of glasses measured 0.30 to 0.35, enlarged 1.5 times 0.12, twice 0.07, three times 0.03. Flat tiles say
    nothing and are left out; a picture of nothing else measures 0.
    """
    height, width = luma.shape
    step = max(8, min(height, width) // _TILES)
    tiles = [
        _differences(luma[top : top + step, left : left + step].astype(np.float32))
        for top in range(0, max(1, height - step + 1), step)
        for left in range(0, max(1, width - step + 1), step)
    ]
    # Tiles that are faint beside the strongest one hold noise, and noise looks crisp.
    least = max(_FLAT, _FAINT * max(far for _, far in tiles))
    ratios = [(near - _GRAIN) / (far - _GRAIN) for near, far in tiles if far >= least]
    if not ratios:
        return 0.0
    beyond = float(np.percentile(ratios, 75)) - 0.25
    return float(np.sqrt(max(0.0, beyond) / _CRISP))


def _differences(tile: NDArray[np.float32]) -> tuple[float, float]:
    """Mean squared differences over one pixel and over two."""
    near = float((np.diff(tile, axis=0) ** 2).mean() + (np.diff(tile, axis=1) ** 2).mean())
    far = float(((tile[2:] - tile[:-2]) ** 2).mean() + ((tile[:, 2:] - tile[:, :-2]) ** 2).mean())
    return near, far
