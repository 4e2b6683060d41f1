"""Reads which colours a file's numbers stand for, where that is not told by an ICC profile.

AVIF and HEIF have an `nclx` box (ISO 23001-8, ITU-T H.273), PNG has `cICP`, `gAMA` and `cHRM` chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

LINEAR, PQ, HLG = 8, 16, 18
_GAMMAS: Final = {4: 2.2, 5: 2.8}

Chromaticities = tuple[float, float, float, float, float, float]
"""x and y of red, green and blue."""

_BT709: Final = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
_PRIMARIES: Final[dict[int, Chromaticities]] = {
    5: (0.640, 0.330, 0.290, 0.600, 0.150, 0.060),
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_SEARCHED_BYTES = 65536
_OFF = 0.002


@dataclass(frozen=True, slots=True)
class ColourTags:
    """What a picture's numbers stand for."""

    primaries: Chromaticities = _BT709
    transfer: int = 13
    """Code of ITU-T H.273: `LINEAR`, `PQ`, `HLG`; 13, sRGB, for everything that is shown like it."""
    gamma: float = 0.0
    """Exponent of a pure power curve, which then counts instead of `transfer`; 0 for none."""

    @property
    def is_srgb(self) -> bool:
        """Whether nothing has to be converted."""
        return self == ColourTags()

    @property
    def is_hdr(self) -> bool:
        """Whether white may be brighter than paper."""
        return self.transfer in {PQ, HLG}


def read(path: str, image: Image.Image) -> ColourTags:
    """The colour tags of the opened image; sRGB where it has none."""
    if image.format == "PNG":
        return _of_png(path, image)
    if image.format in {"AVIF", "HEIF"}:
        return _of_box(_head(path))
    return ColourTags()


def of_codes(primaries: int, transfer: int) -> ColourTags:
    """The tags of two codes of ITU-T H.273; what is unknown counts as sRGB."""
    return ColourTags(
        primaries=_PRIMARIES.get(primaries, _BT709),
        transfer=transfer if transfer in {LINEAR, PQ, HLG} else 13,
        gamma=_GAMMAS.get(transfer, 0.0),
    )


def _of_png(path: str, image: Image.Image) -> ColourTags:
    head = _head(path)
    at = head.find(b"\0\0\0\4cICP")
    if at >= 0 and len(head) >= at + 12:
        return of_codes(head[at + 8], head[at + 9])
    if "srgb" in image.info or "icc_profile" in image.info:
        return ColourTags()
    gamma = image.info.get("gamma", 0.0)
    power = 1 / gamma if isinstance(gamma, float) and 0.2 <= gamma <= 2 else 0.0
    told = image.info.get("chromaticity", ())
    primaries: Chromaticities = tuple(told[2:8]) if len(told) == 8 else _BT709
    if not _sound(primaries) or max(abs(a - b) for a, b in zip(primaries, _BT709, strict=True)) < _OFF:
        primaries = _BT709
    # 1 / 2.2 is what programs write that mean sRGB.
    return ColourTags(primaries=primaries, gamma=0.0 if abs(power - 2.2) < 0.05 else power)


def _sound(primaries: Chromaticities) -> bool:
    """Whether the three span a triangle of colours that exist."""
    rx, ry, gx, gy, bx, by = primaries
    area = (gx - rx) * (by - ry) - (bx - rx) * (gy - ry)
    return abs(area) > 0.02 and all(0 < y <= 1 and x >= 0 for x, y in ((rx, ry), (gx, gy), (bx, by)))


def _of_box(head: bytes) -> ColourTags:
    at = head.find(b"colrnclx")
    if at < 0 or len(head) < at + 12:
        return ColourTags()
    return of_codes(int.from_bytes(head[at + 8 : at + 10], "big"), int.from_bytes(head[at + 10 : at + 12], "big"))


def _head(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(_SEARCHED_BYTES)
