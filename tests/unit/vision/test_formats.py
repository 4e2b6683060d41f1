from __future__ import annotations

import pytest
from tests.drawings import as_bytes, spot

from auratune.core.errors import InvalidPhoto
from auratune.vision.formats import recognise, size_in_header


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_is_recognised_by_its_first_bytes(form: str) -> None:
    assert recognise(as_bytes(spot((64, 64)), form)[:512]) == form


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_an_iphone_photo_is_recognised_by_its_brand(brand: bytes) -> None:
    assert recognise(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0heicmif1") == "HEIF"


def test_an_avif_with_the_general_brand_is_not_taken_for_heic() -> None:
    assert recognise(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif") == "AVIF"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", "photo_empty"),
        (b"just some words named photo.jpg", "photo_not_an_image"),
        (b"\0" * 512, "photo_not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_unsupported_format"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><svg/>", "photo_unsupported_format"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "photo_unsupported_format"),
        (b"#!/bin/sh\nrm -rf .", "photo_unsupported_format"),
        (b"%PDF-1.7", "photo_unsupported_format"),
        (b"%!PS-Adobe-3.0 EPSF", "photo_unsupported_format"),
        (b"BM\x36\0\0\0", "photo_unsupported_format"),
        (b"II*\0\x08\0\0\0", "photo_unsupported_format"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "photo_unsupported_format"),
    ],
)
def test_everything_else_is_refused_with_a_code_of_its_own(head: bytes, code: str) -> None:
    with pytest.raises(InvalidPhoto) as caught:
        recognise(head)
    assert caught.value.code == code


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}])
def test_the_size_of_a_webp_is_read_from_its_header(options: dict[str, object]) -> None:
    assert size_in_header(as_bytes(spot((150, 90)), "WEBP", **options)[:512]) == (150, 90)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_the_size_of_a_drawing_is_read_from_its_header(form: str) -> None:
    assert size_in_header(as_bytes(spot((150, 90)), form)[:512]) == (150, 90)


@pytest.mark.parametrize(("form", "length"), [("WEBP", 20), ("PNG", 20), ("GIF", 8)])
def test_a_header_that_is_cut_short_tells_no_size(form: str, length: int) -> None:
    assert size_in_header(as_bytes(spot((150, 90)), form)[:length]) is None
