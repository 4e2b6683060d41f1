from __future__ import annotations

import hashlib
import random
import struct
import sys
import zlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin
from tests.conftest import paint
from tests.drawings import as_bytes, scenery, spot

from auratune.core.errors import InvalidPhoto
from auratune.core.photo import seed_of
from auratune.vision.decode import KEPT_LONG_EDGE_PX, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.photo import Photo


@pytest.fixture
def decode(tmp_path: Path) -> Callable[[bytes], tuple[Photo, Image.Image]]:
    def run(data: bytes) -> tuple[Photo, Image.Image]:
        source, target = tmp_path / "sent", tmp_path / "clean.part"
        source.write_bytes(data)
        photo = normalise(str(source), str(target), "photos/x.jpg", hashlib.sha256(data).hexdigest())
        with Image.open(target) as image:
            image.load()
            assert image.format == "JPEG"
            assert image.mode == "RGB"
            assert image.size == (photo.width_px, photo.height_px)
            return photo, image

    return run


def refusal(decode: Any, data: bytes) -> str:
    with pytest.raises(InvalidPhoto) as caught:
        decode(data)
    assert "/" not in caught.value.message.replace("JPEG/", "")
    return caught.value.code


def colour(image: Image.Image, x: float = 0.5, y: float = 0.5) -> np.ndarray:
    return np.array(image.getpixel((int(x * image.width), int(y * image.height))), float)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_accepted_format_keeps_its_size_and_its_colours(decode: Any, form: str) -> None:
    photo, image = decode(as_bytes(spot((200, 120), at=(0.5, 0.5)), form))
    assert (photo.width_px, photo.height_px) == (200, 120)
    assert np.abs(colour(image) - (240, 120, 20)).max() < 12


def test_the_photo_tells_its_key_its_hash_and_the_seed_of_its_film(decode: Any) -> None:
    data = as_bytes(spot((64, 64)))
    photo, _ = decode(data)
    assert photo.key == "photos/x.jpg"
    assert photo.content_hash == hashlib.sha256(data).hexdigest()
    assert photo.seed == seed_of(photo.content_hash)


def test_the_name_of_a_file_means_nothing(tmp_path: Path) -> None:
    source = tmp_path / "notes.txt"
    source.write_bytes(as_bytes(spot((64, 64)), "PNG"))
    assert normalise(str(source), str(tmp_path / "out"), "k", "00" * 32).width_px == 64


def test_half_a_photo_is_refused_whatever_its_format(decode: Any) -> None:
    picture = scenery(3, (240, 320))
    for form, options in (
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {}),
    ):
        data = as_bytes(picture, form, **options)
        for share in (0.05, 0.5, 0.9):
            assert refusal(decode, data[: int(len(data) * share)]) == "photo_truncated", (form, share)


def test_a_photo_whose_middle_was_lost_is_refused(decode: Any) -> None:
    data = as_bytes(scenery(3, (240, 320)), "PNG")
    broken = data[: len(data) // 2] + b"\0" * 64 + data[len(data) // 2 + 64 :]
    assert refusal(decode, broken) == "photo_truncated"


def test_nothing_and_words_are_refused_with_their_own_codes(decode: Any) -> None:
    assert refusal(decode, b"") == "photo_empty"
    assert refusal(decode, b"this is a text that somebody named photo.jpg\n" * 20) == "photo_not_an_image"
    assert refusal(decode, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>") == "photo_unsupported_format"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_no_damage_whatever_leads_to_anything_but_a_clear_refusal(decode: Any, form: str) -> None:
    chance = random.Random(form)
    whole = as_bytes(scenery(3, (48, 64)), form)
    codes = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(chance.choice((60, len(data))))] = chance.randrange(256)
        try:
            decode(bytes(data))
        except InvalidPhoto as refused:
            codes.add(refused.code)
    assert "photo_truncated" in codes
    assert all(code.startswith("photo_") for code in codes)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 200


def test_where_heic_cannot_be_read_the_words_say_what_the_sender_can_do(
    decode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(InvalidPhoto, match="Send the photo as JPEG") as caught:
        decode(HEIC)
    assert caught.value.code == "photo_unsupported_format"


def test_a_heic_photo_is_read_upright_and_in_its_colours(decode: Any) -> None:
    photo, image = decode((Path(__file__).parent / "pictures" / "landscape.heic").read_bytes())
    assert (photo.width_px, photo.height_px) == (320, 240)
    assert np.abs(np.asarray(image, float) - np.asarray(paint(320, 240), float)).mean() < 6


def test_a_damaged_heic_is_refused(decode: Any) -> None:
    assert refusal(decode, HEIC) == "photo_truncated"


def _png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) + b"\0" * 64


def test_a_picture_bomb_is_refused_by_its_header_alone(decode: Any) -> None:
    assert refusal(decode, _png_header(20_000, 20_000)) == "photo_too_many_pixels"
    assert refusal(decode, _png_header(60_001, 1_000)) == "photo_too_many_pixels"
    vast_webp = b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (16_382).to_bytes(3, "little") * 2 + b"\0" * 64
    assert refusal(decode, vast_webp) == "photo_too_many_pixels"


def test_a_speck_or_a_thread_is_no_photo(decode: Any) -> None:
    assert refusal(decode, as_bytes(Image.new("RGB", (1, 1)), "PNG")) == "photo_too_small"
    assert refusal(decode, as_bytes(Image.new("RGB", (31, 400)))) == "photo_too_small"
    assert refusal(decode, as_bytes(Image.new("RGB", (1000, 40)))) == "photo_too_narrow"
    assert decode(as_bytes(Image.new("RGB", (32, 32)), "PNG"))[0].width_px == 32


def test_a_large_photo_is_brought_down_to_what_a_film_can_show(decode: Any) -> None:
    photo, _ = decode(as_bytes(spot((4400, 3300))))
    assert (photo.width_px, photo.height_px) == (KEPT_LONG_EDGE_PX, KEPT_LONG_EDGE_PX * 3 // 4)


def test_a_photo_taken_on_its_side_is_stood_up_before_anything_else_sees_it(decode: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo, image = decode(as_bytes(spot((200, 120), at=(0.15, 0.5)), exif=exif))
    assert (photo.width_px, photo.height_px) == (120, 200)
    assert colour(image, 0.5, 0.15)[0] > 200


def test_orientation_zero_as_glasses_write_it_means_as_is(decode: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 0
    assert decode(as_bytes(spot((200, 120)), exif=exif))[0].width_px == 200


def test_the_time_is_read_and_then_neither_time_nor_place_is_kept(decode: Any) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2025:09:14 14:52:03"
    number = TiffImagePlugin.IFDRational
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (number(42), number(21), number(36)), 3: "W", 4: (number(71), number(5), number(24))}
    )
    photo, image = decode(as_bytes(spot((80, 64)), exif=exif, comment=b"my home"))
    assert photo.taken_at == datetime(2025, 9, 14, 14, 52, 3)  # noqa: DTZ001
    assert dict(image.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)


def test_a_picture_of_indexed_colours_without_its_palette_is_damaged(decode: Any) -> None:
    whole = as_bytes(spot((80, 64)).quantize(16), "PNG")
    at = whole.index(b"PLTE") - 4
    (length,) = struct.unpack(">I", whole[at : at + 4])
    assert refusal(decode, whole[:at] + whole[at + 12 + length :]) == "photo_truncated"


def test_broken_exif_does_not_cost_the_photo(decode: Any) -> None:
    assert decode(as_bytes(spot((80, 64)), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))[0].taken_at is None


def test_sixteen_bit_grey_keeps_its_middle_tones(decode: Any) -> None:
    ramp = np.tile(np.linspace(0, 65535, 128).astype(np.uint16), (64, 1))
    _, image = decode(as_bytes(Image.fromarray(ramp), "PNG"))
    assert colour(image, 0.5)[0] == pytest.approx(127, abs=6)
    assert colour(image, 0.98)[0] > 240


def test_a_drawing_without_ground_gets_one_that_lets_it_be_seen(decode: Any) -> None:
    for ink in (255, 10):
        image = Image.new("RGBA", (100, 80), (0, 0, 0, 0))
        image.paste((ink, ink, ink, 255), (30, 20, 70, 60))
        _, seen = decode(as_bytes(image, "PNG"))
        assert abs(colour(seen)[0] - colour(seen, 0.05, 0.05)[0]) > 150


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "CMYK", "YCbCr"])
def test_every_colour_mode_becomes_rgb(decode: Any, mode: str) -> None:
    form = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    image = Image.new("RGB", (64, 64), (250, 250, 250)).convert(
        "LA" if mode == "LA" else "RGBA" if mode == "PA" else mode
    )
    if mode == "PA":
        image = image.quantize(4)
    _, seen = decode(as_bytes(image, form))
    assert colour(seen).min() > 225


def test_a_palette_with_a_transparent_colour_is_laid_on_a_ground(decode: Any) -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 0, 255, 10, 10, 10])
    image.paste(1, (16, 16, 48, 48))
    _, seen = decode(as_bytes(image, "GIF", transparency=0))
    assert colour(seen, 0.05, 0.05).min() > 225


def test_only_the_first_picture_of_an_animation_is_taken(decode: Any) -> None:
    frames = [Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")]
    for form in ("GIF", "PNG", "WEBP"):
        _, seen = decode(as_bytes(frames[0], form, save_all=True, append_images=frames[1:]))
        assert colour(seen)[0] > 240


def test_the_first_picture_of_a_phones_double_jpeg_is_taken(decode: Any) -> None:
    data = as_bytes(Image.new("RGB", (64, 64), "red"), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    photo, seen = decode(data)
    assert (photo.width_px, photo.height_px) == (64, 64)
    assert colour(seen)[0] > 240


def test_colours_of_a_profile_are_brought_to_srgb(decode: Any, tmp_path: Path) -> None:
    # A profile whose red and blue are exchanged shows at once whether it was heeded.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile = profile.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    profile = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")).replace(
        b"sRGB built", b"swap built"
    )
    _, seen = decode(as_bytes(Image.new("RGB", (64, 64), (255, 0, 0)), "PNG", icc_profile=bytes(profile)))
    assert colour(seen)[2] > 200 > 60 > colour(seen)[0]


def test_a_broken_profile_is_ignored(decode: Any) -> None:
    _, seen = decode(as_bytes(spot((64, 64), at=(0.5, 0.5)), "PNG", icc_profile=b"not a profile"))
    assert colour(seen)[0] > 220
