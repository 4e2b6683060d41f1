"""Where the eye goes first, from nothing but the pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.vision import image_ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAP_EDGE_PX = 160
_SPECTRAL_EDGES_PX = (40, 72)
_SURROUNDINGS = (0.07, 0.16, 0.32)
"""Standard deviations of the surroundings, as shares of the long edge."""
_BLOWN_OUT_L = 97.0
_BLACK_L = 3.0
_WEIGHTS = {"spectral": 0.30, "colour": 0.40, "edges": 0.30}


def saliency_of(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A map of the picture, long edge at most 160 cells, each 0 (nobody looks) to 1.

    Three cues, each of a kind that misses what the others see: the spectral residual of Hou and Zhang (2007) at two
    sizes for what breaks the picture's texture, contrast of colour against the surroundings, and edges. A flat picture
    gives a map of zeros.
    """
    small = image_ops.shrink(picture, MAP_EDGE_PX)
    height, width = small.shape[:2]
    colours = image_ops.lab(small)
    lightness = np.ascontiguousarray(colours[..., 0])
    if float(lightness.std()) < 0.6 and float(colours[..., 1:].std()) < 0.6:
        return np.zeros((height, width), np.float32)
    edges = image_ops.blur(image_ops.gradient(lightness), 2.0)
    total = (
        _WEIGHTS["spectral"] * _spectral(lightness)
        + _WEIGHTS["colour"] * _stretch(_apartness(colours))
        + _WEIGHTS["edges"] * _stretch(edges)
    )
    return _stretch(total * (1 - 0.75 * emptiness_of(picture)) * _towards_middle(height, width))


def emptiness_of(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A map of the same size: 1 where light or darkness has swallowed everything, 0 where there is something to see.

    A blown-out sky has the strongest rim of all and nothing inside; a close-up of it would be white.
    """
    lightness = np.ascontiguousarray(image_ops.lab(image_ops.shrink(picture, MAP_EDGE_PX))[..., 0])
    return image_ops.blur(((lightness > _BLOWN_OUT_L) | (lightness < _BLACK_L)).astype(np.float32), 1.5)


def _spectral(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = lightness.shape
    total = np.zeros((height, width), np.float32)
    for edge_px in _SPECTRAL_EDGES_PX:
        factor = min(1.0, edge_px / max(height, width))
        plane = image_ops.resize(lightness, max(8, round(width * factor)), max(8, round(height * factor)))
        spectrum = np.fft.fft2(plane)
        size = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
        residual = size - _mean_of_nine(size)
        back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
        soft = image_ops.blur(back.astype(np.float32), 0.045 * edge_px)
        total += _stretch(image_ops.resize(soft, width, height))
    return total / np.float32(len(_SPECTRAL_EDGES_PX))


def _mean_of_nine(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    total = np.zeros_like(plane)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            total += np.roll(plane, (down, across), axis=(0, 1))
    return total / np.float32(9)


def _apartness(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each spot's colour is from that of its surroundings, near and wide (differences of Gaussians in Lab).

    Lightness counts half: against the light everything is a silhouette, and hue tells things apart.
    """
    weighed = colours * np.array((0.5, 1.0, 1.0), np.float32)
    soft = image_ops.blur(weighed, 1.6)
    edge = max(colours.shape[:2])
    total = np.zeros(colours.shape[:2], np.float32)
    for reach in _SURROUNDINGS:
        total += np.linalg.norm(soft - image_ops.blur(weighed, reach * edge), axis=2).astype(np.float32)
    return total


def _stretch(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = (np.float32(value) for value in np.percentile(plane, (5, 99.5)))
    if high - low < 1e-9:
        return np.zeros_like(plane)
    stretched: NDArray[np.float32] = np.clip((plane - low) / (high - low), 0, 1).astype(np.float32)
    return stretched


def _towards_middle(height: int, width: int) -> NDArray[np.float32]:
    """1 over most of the picture, falling to 0.55 in the corners, where people seldom put what they mean."""
    down = np.abs(np.linspace(-1, 1, height, dtype=np.float32))[:, None]
    across = np.abs(np.linspace(-1, 1, width, dtype=np.float32))[None, :]
    weight: NDArray[np.float32] = (1 - 0.225 * (down**4 + across**4)).astype(np.float32)
    return weight
