"""The photo as the camera sees it: graded once, kept as BT.709 planes, and cut into plates for the shots.

A plate is the piece of the photo that one shot travels over, scaled once with a good filter so that the camera meets
about 1.5 plate pixels for each pixel of the film. Sampling it linearly is then both quick and clean: what a frame shows
is neither softened by enlarging nor aliased by shrinking, and nothing pops, because a shot never changes its plate.
Motion on whole-picture planes of luma and chroma also spares the conversion of every frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from auratune.core.errors import RenderError
from auratune.film.pixels import Pixels, pixels
from auratune.film.rendering.layers import cut_out, lifted, refined_mask
from auratune.film.viewport import Window
from auratune.vision.horizon import straightened

OVERSAMPLING = 1.5
"""Plate pixels for each film pixel where the shot is widest."""
_LARGEST_PLATE_PX = 6_000_000
_MARGIN_PX = 4
_STRIP_PX = 256
_SHARPENING = 0.35
_BEYOND = 0.05
_TO_YUV = np.array(
    # BT.709 limited range from blue, green, red of 0 to 255; the last column is the offset.
    [
        [0.0722 * 219 / 255, 0.7152 * 219 / 255, 0.2126 * 219 / 255, 16.0],
        [0.5 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, -0.2126 / 1.8556 * 224 / 255, 128.0],
        [-0.0722 / 1.5748 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, 0.5 * 224 / 255, 128.0],
    ],
    np.float64,
)
_inverse = np.linalg.inv(_TO_YUV[:, :3])
_TO_BGR = np.hstack([_inverse, -_inverse @ _TO_YUV[:, 3:]])


def to_yuv(picture: Pixels) -> Pixels:
    """Blue, green, red (height, width, 3) to limited-range BT.709 Y, U, V of the same shape."""
    return pixels(cv2.transform(picture, _TO_YUV))


def to_bgr(y: Pixels, uv: Pixels) -> Pixels:
    """A frame (luma and interleaved half-size chroma) as blue, green, red."""
    height, width = y.shape
    wide = cv2.resize(uv, (width, height), interpolation=cv2.INTER_LINEAR)
    return pixels(cv2.transform(cv2.merge([y, wide[..., 0], wide[..., 1]]), _TO_BGR))


@dataclass(frozen=True, slots=True)
class MaskUse:
    """What a film does with the subject's mask."""

    path: str
    lift: float = 0.0
    """How far a subject in the shade is brightened, 0 to 1."""
    layers: bool = False
    """Whether any shot shows the subject apart from its background."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """The graded photo: luma (height, width) and interleaved chroma (half as high, half as wide, 2)."""

    y: Pixels
    uv: Pixels
    alpha: Pixels | None = None
    """Where the subject is, (height, width), 0 to 255; None where the film shows no layers."""
    background: SourceImage | None = None
    """The photo without its subject, of the same size."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.y.shape[1], self.y.shape[0]


def read_source_image(
    path: str,
    treatments: Iterable[Callable[[Pixels], Pixels]],
    useful_width_px: float,
    tilt_degrees: float = 0.0,
    mask: MaskUse | None = None,
) -> SourceImage:
    """Read a photo, straighten it, lift its subject, apply its look, and keep it as planes; with layers if asked for.

    A photo much wider than `useful_width_px`, the width at which its closest shot would still be crisp, is read at a
    fraction of its size. Raises `RenderError` when the file is no picture.
    """
    picture = _read(path, useful_width_px, tilt_degrees)
    alpha = _read_mask(picture, mask.path) if mask else None
    if mask and alpha is not None and mask.lift > 0:
        picture = lifted(picture, alpha, mask.lift)
    for treat in treatments:
        picture = treat(picture)
    if mask is None or alpha is None or not mask.layers:
        return to_source_image(picture)
    whole = to_source_image(picture)
    return replace(whole, alpha=alpha, background=to_source_image(cut_out(picture, alpha).background))


def _read_mask(picture: Pixels, path: str) -> Pixels | None:
    mask = cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if mask is None else refined_mask(picture, pixels(mask))


def to_source_image(picture: Pixels) -> SourceImage:
    """A picture (height, width, 3: blue, green, red) as planes; chroma is the mean of each 2 x 2 block."""
    height, width = picture.shape[:2]
    y = np.empty((height, width), np.uint8)
    half = ((width + 1) // 2, (height + 1) // 2)
    uv = np.empty((half[1], half[0], 2), np.uint8)
    for top in range(0, height, _STRIP_PX):
        strip = to_yuv(picture[top : top + _STRIP_PX])
        y[top : top + _STRIP_PX] = strip[..., 0]
        rows = (strip.shape[0] + 1) // 2
        uv[top // 2 : top // 2 + rows] = cv2.resize(strip[..., 1:], (half[0], rows), interpolation=cv2.INTER_AREA)
    return SourceImage(y, uv)


def _read(path: str, useful_width_px: float, tilt_degrees: float) -> Pixels:
    data = np.frombuffer(Path(path).read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture is None:
        raise RenderError("The kept copy of the photo cannot be read; send the photo again.", code="photo_unreadable")
    picture = straightened(pixels(picture), tilt_degrees)
    height, width = picture.shape[:2]
    if width > 1.25 * useful_width_px:
        shrink = useful_width_px / width
        size = max(2, round(width * shrink)), max(2, round(height * shrink))
        return pixels(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return pixels(picture)


@dataclass(frozen=True, slots=True)
class Plate:
    """A scaled piece of the still, where it lies there, and how many of its pixels make one of the still's."""

    y: Pixels
    uv: Pixels
    left: float
    top: float
    scale_x: float
    scale_y: float
    uv_scale_x: float
    uv_scale_y: float

    @property
    def width(self) -> float:
        """Width of the piece, in pixels of the still."""
        return float(self.y.shape[1] / self.scale_x)

    @property
    def height(self) -> float:
        """Height of the piece, in pixels of the still."""
        return float(self.y.shape[0] / self.scale_y)


@dataclass(frozen=True, slots=True)
class SubjectPlate:
    """The subject of a shot, multiplied by its alpha, to be laid over the background's plate."""

    plate: Plate
    alpha: Pixels
    uv_alpha: Pixels
    beyond_left: float
    """How far the subject may be mirrored over the photo's edge, in frame widths: 0 where it does not touch it."""
    beyond_right: float
    beyond_bottom: float


def plate_of(still: SourceImage, windows: Iterable[Window], film_width_px: int) -> Plate:
    """The plate for a shot that shows these windows."""
    windows = tuple(windows)
    left, top, right, bottom = _around(windows, still.size)
    scale = OVERSAMPLING * film_width_px / max(window.width for window in windows)
    area = (right - left) * (bottom - top) * scale * scale
    if area > _LARGEST_PLATE_PX:
        scale *= math.sqrt(_LARGEST_PLATE_PX / area)
    y = _scaled(still.y[top:bottom, left:right], scale)
    uv = _scaled(still.uv[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2], scale)
    # The chroma block of an odd edge reaches one pixel past the photo, hence the sizes from the blocks themselves.
    blocks_x, blocks_y = (right + 1) // 2 - left // 2, (bottom + 1) // 2 - top // 2
    return Plate(
        _sharpened(y, max(1.0, scale)),
        uv,
        float(left),
        float(top),
        y.shape[1] / (right - left),
        y.shape[0] / (bottom - top),
        uv.shape[1] / (2 * blocks_x),
        uv.shape[0] / (2 * blocks_y),
    )


def subject_plate_of(still: SourceImage, windows: Iterable[Window], film_width_px: int) -> SubjectPlate | None:
    """The subject's plate for a shot that shows these windows; None where no more than a sliver is in them."""
    windows = tuple(windows)
    assert still.alpha is not None
    rows, columns = np.flatnonzero(still.alpha.max(axis=1) > 8), np.flatnonzero(still.alpha.max(axis=0) > 8)
    left, top, right, bottom = _around(windows, still.size)
    if not len(rows) or not len(columns):
        return None
    left, right = max(left, int(columns[0]) // 2 * 2 - 2), min(right, int(columns[-1]) + 3)
    top, bottom = max(top, int(rows[0]) // 2 * 2 - 2), min(bottom, int(rows[-1]) + 3)
    left, top = max(0, left), max(0, top)
    if right - left <= 2 * _MARGIN_PX or bottom - top <= 2 * _MARGIN_PX:
        return None
    piece = Window(left + _MARGIN_PX, top + _MARGIN_PX, right - left - 2 * _MARGIN_PX, bottom - top - 2 * _MARGIN_PX)
    scale = film_width_px / max(window.width for window in windows)
    film_width = max(2, round(piece.width * scale))
    plate = plate_of(still, [piece], film_width)
    cover = still.alpha[int(plate.top) :, int(plate.left) :][: round(plate.height), : round(plate.width)]
    alpha = pixels(cv2.resize(cover, (plate.y.shape[1], plate.y.shape[0]), interpolation=cv2.INTER_LINEAR))
    half = cv2.resize(alpha, (plate.uv.shape[1], plate.uv.shape[0]), interpolation=cv2.INTER_AREA)
    uv_alpha = pixels(cv2.merge([half, half]))
    y = pixels(cv2.multiply(plate.y, alpha, scale=1 / 255))
    uv = pixels(cv2.multiply(plate.uv, uv_alpha, scale=1 / 255))
    edge = still.alpha > 128
    return SubjectPlate(
        replace(plate, y=y, uv=uv),
        alpha,
        uv_alpha,
        _BEYOND * bool(edge[:, :3].any()),
        _BEYOND * bool(edge[:, -3:].any()),
        _BEYOND * bool(edge[-3:].any()),
    )


def _around(windows: tuple[Window, ...], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the windows show together, on even pixels, with a margin for the filters."""
    left = math.floor(min(window.left for window in windows)) - _MARGIN_PX
    top = math.floor(min(window.top for window in windows)) - _MARGIN_PX
    right = math.ceil(max(window.left + window.width for window in windows)) + _MARGIN_PX
    bottom = math.ceil(max(window.top + window.height for window in windows)) + _MARGIN_PX
    return max(0, left) // 2 * 2, max(0, top) // 2 * 2, min(size[0], right), min(size[1], bottom)


def _scaled(plane: Pixels, scale: float) -> Pixels:
    height, width = plane.shape[:2]
    shrunk = plane
    if scale < OVERSAMPLING:
        # Down to the film's own resolution first: what a frame cannot show must not be left to alias.
        size = max(2, round(width * scale / OVERSAMPLING)), max(2, round(height * scale / OVERSAMPLING))
        shrunk = pixels(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return pixels(cv2.resize(shrunk, size, interpolation=cv2.INTER_LANCZOS4))


def _sharpened(y: Pixels, scale: float) -> Pixels:
    soft = cv2.GaussianBlur(y, (0, 0), 0.9 * scale)
    return pixels(cv2.addWeighted(y, 1 + _SHARPENING, soft, -_SHARPENING, 0))


def blurred(plate: Plate, radius_px: float) -> Plate:
    """The plate seen out of focus: a disc of this radius in plate pixels, kept at a lower resolution."""
    shrink = min(1.0, 4.0 / max(radius_px, 1e-6))
    y = _disc(_shrunk(plate.y, shrink), radius_px * shrink)
    uv = _disc(_shrunk(plate.uv, shrink), max(0.5, radius_px * shrink / 2))
    return Plate(
        y,
        uv,
        plate.left,
        plate.top,
        plate.scale_x * y.shape[1] / plate.y.shape[1],
        plate.scale_y * y.shape[0] / plate.y.shape[0],
        plate.uv_scale_x * uv.shape[1] / plate.uv.shape[1],
        plate.uv_scale_y * uv.shape[0] / plate.uv.shape[0],
    )


def _shrunk(plane: Pixels, factor: float) -> Pixels:
    if factor >= 1.0:
        return plane
    size = max(2, round(plane.shape[1] * factor)), max(2, round(plane.shape[0] * factor))
    return pixels(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def _disc(plane: Pixels, radius_px: float) -> Pixels:
    reach = math.ceil(radius_px)
    offsets = np.arange(-reach, reach + 1)
    distance = np.hypot(offsets[:, None], offsets[None, :])
    kernel = np.clip(radius_px + 0.5 - distance, 0, 1).astype(np.float32)
    return pixels(cv2.filter2D(plane, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))
