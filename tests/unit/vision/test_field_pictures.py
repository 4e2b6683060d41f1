"""Pictures as people really send them: other colours, lost ends, fades from black, long edges."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.conftest import paint

from auratune.core.errors import InvalidPhoto
from auratune.vision import decode, image_ops
from auratune.vision.decode import KEPT_MEGAPIXELS, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZE = (240, 180)
PRIMARIES = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
}


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[bytes], NDArray[np.uint8]]:
    """What is kept of a file, as RGB."""

    def run(data: bytes) -> NDArray[np.uint8]:
        source, target = tmp_path / "sent", tmp_path / "kept"
        source.write_bytes(data)
        normalise(str(source), str(target), "photos/x.jpg", hashlib.sha256(data).hexdigest())
        with Image.open(target) as image:
            return np.asarray(image)

    return run


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean colour difference, CIE 1976."""
    return float(np.sqrt(((image_ops.lab(one) - image_ops.lab(other)) ** 2).sum(axis=-1)).mean())


def with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return png[:33] + chunk + png[33:]


def to_xyz(primaries: int) -> NDArray[np.float64]:
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in PRIMARIES[primaries]]).T
    return columns * np.linalg.solve(columns, np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290]))


def light_of(picture: Image.Image, primaries: int) -> NDArray[np.float64]:
    """The picture's linear light in other primaries, 1 for white."""
    code = np.asarray(picture, float) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ (np.linalg.inv(to_xyz(primaries)) @ to_xyz(1)).T).clip(0, None)


def pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    power = (light * 203 / 10_000) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hlg(light: NDArray[np.float64]) -> NDArray[np.float64]:
    display = light * 203 / 1000
    brightness = np.maximum(display @ to_xyz(9)[1], 1e-9)[..., None]
    scene = display * brightness ** (1 / 1.2 - 1)
    bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-6)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)


def srgb(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize(
    ("primaries", "transfer", "encode"), [(9, 16, pq), (9, 18, hlg), (12, 13, srgb), (9, 13, srgb), (12, 16, pq)]
)
def test_tagged_colours_look_as_they_do_in_srgb(kept: Any, primaries: int, transfer: int, encode: Any) -> None:
    picture = paint(*SIZE)
    codes = np.rint(encode(light_of(picture, primaries)).clip(0, 1) * 255).astype(np.uint8)
    png = with_chunk(saved(Image.fromarray(codes), "PNG"), b"cICP", bytes([primaries, transfer, 0, 1]))
    assert difference(kept(png), np.asarray(picture)) < 4


def test_highlights_of_an_hdr_picture_keep_their_drawing(kept: Any) -> None:
    ramp = np.linspace(0.01, 4.0, 256)[None, :, None].repeat(64, axis=0).repeat(3, axis=2)
    codes = np.rint(pq(ramp) * 255).astype(np.uint8)
    row = kept(with_chunk(saved(Image.fromarray(codes), "PNG"), b"cICP", bytes([9, 16, 0, 1])))[32, :, 1].astype(int)
    assert row[-1] > 245
    assert row[127] - row[63] > 4, "what is twice as bright as white looks like white"
    assert np.diff(row).min() >= -3


def test_an_hdr_avif_is_no_grey_film(kept: Any) -> None:
    picture = kept((Path(__file__).parent / "pictures" / "hdr_pq.avif").read_bytes())
    lightness, red, yellow = image_ops.lab(picture).mean(axis=(0, 1))
    assert abs(lightness - 43.3) < 2
    assert abs(red + 0.9) < 3
    assert abs(yellow - 4.5) < 3


def test_a_png_with_linear_gamma_is_not_dark(kept: Any) -> None:
    picture = paint(*SIZE)
    codes = np.rint(light_of(picture, 1).clip(0, 1) * 255).astype(np.uint8)
    png = with_chunk(saved(Image.fromarray(codes), "PNG"), b"gAMA", struct.pack(">I", 100_000))
    assert difference(kept(png), np.asarray(picture)) < 4


def test_a_profile_is_applied_by_its_content_whatever_its_name(kept: Any) -> None:
    # A profile of Pillow's sRGB with another red, under the old name.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.find(b"rXYZ"), profile.find(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = profile[green : green + 4], profile[red : red + 4]
    plain = Image.new("RGB", (64, 64), (200, 30, 30))
    shown = kept(saved(plain, "PNG", icc_profile=bytes(profile)))[32, 32]
    assert shown[1] > shown[0], "red and green have changed places"


def test_cmyk_without_a_profile_is_no_neon(kept: Any) -> None:
    ink = Image.new("CMYK", (64, 64), (255, 0, 255, 0))
    red, green, blue = (int(value) for value in kept(saved(ink, "JPEG", quality=95))[32, 32])
    assert red < 60
    assert 120 < green < 190, "a press prints no 0, 255, 0"
    assert 40 < blue < 110


@pytest.mark.parametrize("depth", [8, 16])
def test_a_colour_key_is_transparent(kept: Any, depth: int) -> None:
    picture = np.full((64, 64, 3), (255, 0, 255), np.uint16)
    picture[16:48, 16:48] = (40, 90, 60)
    wide = picture * 257 if depth == 16 else picture
    rows = b"".join(b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes() for row in wide)
    key = struct.pack(">HHH", *(value * 257 if depth == 16 else value for value in (255, 0, 255)))
    header = struct.pack(">IIBBBBB", 64, 64, depth, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), (b"tRNS", key), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        png += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    shown = kept(png)
    assert shown[4, 4].min() > 200, "what is keyed out shows the ground"
    assert np.abs(shown[32, 32].astype(int) - (40, 90, 60)).max() < 8


@pytest.mark.parametrize(
    ("form", "lost", "options"),
    [
        ("JPEG", 2, {}),
        ("JPEG", 1, {}),
        ("JPEG", 2, {"progressive": True}),
        ("PNG", 12, {}),
        ("PNG", 20, {}),
        ("WEBP", 1, {"lossless": True}),
    ],
)
def test_a_file_that_lost_only_its_end_is_taken_whole(kept: Any, form: str, lost: int, options: dict[str, Any]) -> None:
    data = saved(paint(*SIZE), form, **options)
    assert np.array_equal(kept(data[:-lost]), kept(data))


@pytest.mark.parametrize(("form", "left"), [("JPEG", 0.97), ("JPEG", 0.6), ("PNG", 0.97), ("PNG", 0.6), ("WEBP", 0.9)])
def test_a_file_that_lost_a_part_of_its_picture_is_refused(kept: Any, form: str, left: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (180, 240, 3), np.uint8))
    data = saved(noise, form)
    with pytest.raises(InvalidPhoto, match="damaged") as caught:
        kept(data[: int(len(data) * left)])
    assert caught.value.code == "photo_truncated"


@pytest.mark.parametrize("marker", [b"\xff\xd9", b"\xff\x01", b"\xff\xfe\x00\x04ab", b"\xff\xff\xc0"])
@pytest.mark.parametrize("lost", [0, 2])
def test_a_jpeg_with_a_stray_marker_inside_its_picture_is_refused(kept: Any, marker: bytes, lost: int) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (180, 240, 3), np.uint8))
    data = saved(noise, "JPEG")
    middle = len(data) * 6 // 10
    with pytest.raises(InvalidPhoto, match="damaged"):
        kept(data[:middle] + marker + data[middle : len(data) - lost])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_what_follows_the_end_of_a_jpeg_does_no_harm(kept: Any, options: dict[str, Any]) -> None:
    data = saved(paint(*SIZE), "JPEG", **options)
    for more in (data, b"\0" * 64, b"\xff\xe1 a camera's own \xff\xd9"):
        assert np.array_equal(kept(data + more), kept(data))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_that_begins_black_shows_its_first_picture(kept: Any, form: str) -> None:
    black = Image.new("RGB", SIZE)
    data = saved(black, form, save_all=True, append_images=[paint(*SIZE), paint(*SIZE, seed=5)], duration=100)
    assert difference(kept(data), np.asarray(paint(*SIZE))) < 8


def test_a_tall_screenshot_keeps_its_width_and_a_large_photo_fits_into_memory(kept: Any) -> None:
    assert kept(saved(paint(720, 6400), "JPEG")).shape[:2] == (6400, 720)
    assert kept(saved(paint(8000, 1600), "JPEG")).shape[:2] == (1600, 8000)
    height, width = kept(saved(Image.new("RGB", (7700, 7700), "olive"), "JPEG")).shape[:2]
    assert width * height <= KEPT_MEGAPIXELS * 1_000_000


def test_a_heif_of_many_bits_may_have_fewer_pixels() -> None:
    deep = Image.new("RGB", (8, 8))
    deep.info["bit_depth"] = 10
    assert decode._most_megapixels(deep, "HEIF") < decode._most_megapixels(Image.new("RGB", (8, 8)), "HEIF")


def test_a_jpeg_of_endless_passes_is_refused_before_it_is_decoded(kept: Any) -> None:
    data = saved(paint(*SIZE), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    with pytest.raises(InvalidPhoto, match="passes") as caught:
        kept(data[:-2] + data[scan:-2] * 200 + data[-2:])
    assert caught.value.code == "photo_unsupported_format"


def test_an_animation_whose_later_frame_is_vast_is_refused_and_a_broken_one_shows_its_first(kept: Any) -> None:
    frames = [Image.new("RGB", SIZE), paint(*SIZE)]
    gif = bytearray(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100))
    second = gif.rindex(b",\0\0\0\0" + struct.pack("<HH", *SIZE))
    gif[second + 5 : second + 9] = struct.pack("<HH", 65535, 65535)
    with pytest.raises(InvalidPhoto) as caught:
        kept(bytes(gif))
    assert caught.value.code == "photo_too_many_pixels"
    png = saved(paint(*SIZE, seed=5), "PNG", save_all=True, append_images=[paint(*SIZE)], duration=100)
    broken = png.replace(b"fdAT", b"fdAX")
    assert difference(kept(broken), np.asarray(paint(*SIZE, seed=5))) < 8
