"""Tells what a file is by its first bytes, never by its name."""

from __future__ import annotations

from auratune.core.errors import InvalidPhoto

HEAD_BYTES = 512
"""How much of a file `recognise` wants to see."""

_SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

_FOREIGN = (
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"#!", "script"),
    (b"qoif", "QOI"),
    (b"v/1\x01", "OpenEXR"),
)
_MARKUP = (b"<?xml", b"<svg", b"<!doctype", b"<html", b"<script", b"<?php", b"<!--")

_WANTED = "Send a JPEG, PNG, WebP, AVIF, HEIC or GIF."


def recognise(head: bytes) -> str:
    """The format of a file that starts with `head`: `JPEG`, `PNG`, `GIF`, `WEBP`, `AVIF` or `HEIF`.

    Raises `InvalidPhoto` with the code `photo_empty`, `photo_unsupported_format` or `photo_not_an_image`.
    """
    if not head:
        raise InvalidPhoto("The photo is empty. Send it again.", code="photo_empty")
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    _refuse(head)
    raise InvalidPhoto(f"The file is not a picture. {_WANTED}", code="photo_not_an_image")


def size_in_header(head: bytes) -> tuple[int, int] | None:
    """Width and height where the first bytes tell them: PNG, GIF and WebP. None elsewhere, or when they are cut short.

    Pillow makes room for the whole canvas as soon as it opens a WebP, so the size has to be known before.
    """
    if head.startswith(b"\x89PNG") and len(head) >= 24:
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head.startswith(b"GIF8") and len(head) >= 10:
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    return _webp_size(head) if head[8:12] == b"WEBP" else None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if len(head) < 30:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None


def _iso_media(head: bytes) -> str:
    length = min(len(head), int.from_bytes(head[:4], "big"))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIF"
    raise InvalidPhoto(f"The file is a video or another kind of media. {_WANTED}", code="photo_unsupported_format")


def _refuse(head: bytes) -> None:
    for signature, name in _FOREIGN:
        if head.startswith(signature):
            raise InvalidPhoto(f"A {name} file cannot be used. {_WANTED}", code="photo_unsupported_format")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_MARKUP):
        raise InvalidPhoto(
            f"A drawing or page written as text cannot be used. {_WANTED}", code="photo_unsupported_format"
        )
