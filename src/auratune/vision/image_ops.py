"""The only module of this package that calls OpenCV: reading, resizing, colour spaces, gradients, detectors.

Everything it returns is a typed numpy array, so the rest of the package is checked by the type checker.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from auratune.core.errors import InvalidPhoto

if TYPE_CHECKING:
    from numpy.typing import NDArray

PixelBox = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""

_module: Any = cv2
_module.setNumThreads(1)


def read_rgb(path: str) -> NDArray[np.uint8]:
    """The picture as RGB, shape (height, width, 3). Raises `InvalidPhoto` when it cannot be read."""
    found = _module.imread(path, _module.IMREAD_COLOR | _module.IMREAD_IGNORE_ORIENTATION)
    if found is None:
        raise InvalidPhoto("The kept photo can no longer be read; send it again.", code="photo_unreadable")
    return cast("NDArray[np.uint8]", _module.cvtColor(found, _module.COLOR_BGR2RGB))


def write_png(path: str, picture: NDArray[np.uint8]) -> None:
    """Write a grey or RGB picture losslessly."""
    colours = picture if picture.ndim == 2 else picture[..., ::-1]
    Path(path).write_bytes(_module.imencode(".png", np.ascontiguousarray(colours))[1].tobytes())


def shrink(picture: NDArray[np.uint8], long_edge_px: int) -> NDArray[np.uint8]:
    """The picture with its long edge at most `long_edge_px`, by averaging areas; smaller ones are left alone."""
    height, width = picture.shape[:2]
    factor = long_edge_px / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cast("NDArray[np.uint8]", _module.resize(picture, size, interpolation=_module.INTER_AREA))


def resize(plane: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """A float plane brought to another size: areas averaged when it shrinks, linear when it grows."""
    growing = width_px * height_px > plane.shape[0] * plane.shape[1]
    how = _module.INTER_LINEAR if growing else _module.INTER_AREA
    return cast("NDArray[np.float32]", _module.resize(plane, (width_px, height_px), interpolation=how))


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma of an RGB picture."""
    return cast("NDArray[np.uint8]", _module.cvtColor(picture, _module.COLOR_RGB2GRAY))


def lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE L*a*b* of an RGB picture: L 0 to 100, a and b about -100 to 100."""
    scaled = picture.astype(np.float32) / 255
    return cast("NDArray[np.float32]", _module.cvtColor(scaled, _module.COLOR_RGB2LAB))


def skin_like(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the chroma is that of human skin under daylight, of any lightness (Chai and Ngan 1999 bounds)."""
    ycrcb = _module.cvtColor(picture, _module.COLOR_RGB2YCrCb)
    red, blue = ycrcb[..., 1], ycrcb[..., 2]
    return cast("NDArray[np.bool_]", (red >= 135) & (red <= 173) & (blue >= 77) & (blue <= 127))


def gradient(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Length of the Sobel gradient, in grey levels per pixel."""
    across = _module.Sobel(plane, _module.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = _module.Sobel(plane, _module.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return cast("NDArray[np.float32]", _module.magnitude(across, down))


def blur(plane: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """The plane softened by a Gaussian."""
    return cast("NDArray[np.float32]", _module.GaussianBlur(plane, (0, 0), sigma_px))


def people(grey_picture: NDArray[np.uint8], least_score: float) -> list[tuple[PixelBox, float]]:
    """Upright people by OpenCV's built-in HOG detector (Dalal and Triggs 2005) with their scores, best first."""
    if grey_picture.shape[0] < 128 or grey_picture.shape[1] < 64:
        return []
    detector = _module.HOGDescriptor()
    detector.setSVMDetector(_module.HOGDescriptor_getDefaultPeopleDetector())
    boxes, scores = detector.detectMultiScale(grey_picture, winStride=(8, 8), padding=(8, 8), scale=1.07)
    found = [
        ((int(left), int(top), int(width), int(height)), float(score))
        for (left, top, width, height), score in zip(boxes, np.ravel(scores), strict=True)
        if score > least_score
    ]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def cascade(grey_picture: NDArray[np.uint8], name: str, *, neighbours: int, least_px: int) -> list[PixelBox]:
    """What one of OpenCV's Haar cascades finds. Its hits on buildings are plentiful: never trust one alone."""
    detector = _module.CascadeClassifier(f"{_module.data.haarcascades}haarcascade_{name}.xml")
    hits = detector.detectMultiScale(
        grey_picture, scaleFactor=1.1, minNeighbors=neighbours, minSize=(least_px, least_px)
    )
    return sorted((int(left), int(top), int(width), int(height)) for left, top, width, height in hits)
