"""Converts tagged colours (HDR, wide gamut, other gammas) to sRGB.

It takes numpy and is imported only for pictures that need it.

HDR follows ITU-R BT.2408: reference white is 203 cd/m2 and becomes white. What is brighter is compressed into the top
of the range, as far as the picture needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from auratune.vision.colour_tags import HLG, LINEAR, PQ, ColourTags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_WHITE_NITS = 203.0
_HLG_PEAK_NITS = 1000.0
_HLG_GAMMA = 1.2
_KNEE = 0.8
"""Share of white from which highlights are compressed."""
_BRIGHTEST_SHARE = 0.001
"""Pixels that may clip: single sparks must not darken the highlights of all others."""
_STRIP_ROWS = 128
_D65 = (0.3127, 0.3290)
_STEPS = 4096


def to_srgb(image: Image.Image, tags: ColourTags) -> Image.Image:
    """An 8-bit RGB image with these tags as sRGB."""
    linear = _decode((np.arange(256) / 255).astype(np.float32), tags)
    matrix = (np.linalg.inv(_to_xyz(ColourTags().primaries)) @ _to_xyz(tags.primaries)).astype(np.float32)
    luma = _to_xyz(tags.primaries)[1].astype(np.float32)
    levels = _encode(np.linspace(0, 1, _STEPS, dtype=np.float32))
    peak = _peak(image, linear, tags)
    target = Image.new("RGB", image.size)
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(image.height, top + _STRIP_ROWS)))
        light = linear[np.asarray(strip)]
        if tags.transfer == HLG:
            light = _display_light(light, luma)
        light = _compress(light, peak) @ matrix.T
        codes = levels[(light.clip(0, 1) * (_STEPS - 1) + 0.5).astype(np.int32)]
        target.paste(Image.fromarray(codes), (0, top))
    return target


def _decode(code: NDArray[np.float32], tags: ColourTags) -> Plane:
    """Linear light of code values 0 to 1; 1 is white. HLG gives the scene's light, where 1 is its peak."""
    if tags.gamma:
        return np.asarray(code**tags.gamma, np.float32)
    if tags.transfer == LINEAR:
        return code
    if tags.transfer == PQ:  # SMPTE ST 2084
        power = code ** np.float32(1 / 78.84375)
        ratio = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        return np.asarray(10_000 / _WHITE_NITS * ratio ** (1 / 0.1593017578125), np.float32)
    if tags.transfer == HLG:  # ITU-R BT.2100
        high = (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return np.where(code <= 0.5, code**2 / 3, high).astype(np.float32)
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _display_light(scene: Plane, luma: Plane) -> Plane:
    """Light of an HLG picture on a display of 1000 cd/m2, from the light of the scene."""
    brightness = np.maximum(scene @ luma, 1e-6)[..., None]
    return np.asarray(_HLG_PEAK_NITS / _WHITE_NITS * brightness ** (_HLG_GAMMA - 1) * scene, np.float32)


def _peak(image: Image.Image, linear: Plane, tags: ColourTags) -> float:
    """The brightest light in the picture that must not clip; 1 where nothing is above white."""
    if not tags.is_hdr:
        return 1.0
    counts = np.reshape(image.histogram(), (3, 256))
    above = counts[:, ::-1].cumsum(axis=1)[:, ::-1].max(axis=0)
    code = int(np.nonzero(above >= _BRIGHTEST_SHARE * image.width * image.height)[0].max())
    light = float(linear[code])
    if tags.transfer == HLG:
        light = _HLG_PEAK_NITS / _WHITE_NITS * light**_HLG_GAMMA
    return max(1.0, light)


def _compress(light: Plane, peak: float) -> Plane:
    """Bring light up to `peak` below 1, from the knee on, each pixel's colour kept."""
    if peak <= 1.02:
        return light
    most = light.max(axis=-1, keepdims=True)
    over = np.maximum(most - _KNEE, 0)
    mapped = _KNEE + over / (1 + over * (1 / (1 - _KNEE) - 1 / (peak - _KNEE)))
    return np.asarray(np.where(most > _KNEE, light * (mapped / np.maximum(most, 1e-6)), light), np.float32)


def _encode(light: Plane) -> NDArray[np.uint8]:
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(code * 255), np.uint8)


def _to_xyz(primaries: tuple[float, ...]) -> NDArray[np.float64]:
    """Linear RGB to XYZ with white D65."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in zip(primaries[::2], primaries[1::2], strict=True)]).T
    white = np.array([_D65[0] / _D65[1], 1.0, (1 - sum(_D65)) / _D65[1]])
    return np.asarray(columns * np.linalg.solve(columns, white))
