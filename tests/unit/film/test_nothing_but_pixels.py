"""What a camera wrote into a photo never leaves: no place, no maker, no comment, and every picture stands upright."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image
from tests.contexts import a_context
from tests.footage import reel, song_file
from tests.stories import a_song, a_treatment

from auratune.film.rendering.renderer import render
from auratune.storage.local import LocalStore
from auratune.vision.decode import normalise
from auratune.vision.exif import _TURNS
from auratune.vision.thumbnail import encode_small
from auratune.web.thumbnails import Thumbnails

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.photo import Photo

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>52,31N</exif:GPSLatitude></x:xmpmeta>'
SECRETS = (b"Exif\0", b"GPS", b"http://ns.adobe.com/xap", b"xmpmeta", b"SecretCam", b"Elm Street")
JPEG_MARKERS = (b"\xff\xe1", b"\xff\xfe")
"""Of fields and comments; they cannot stand in a JPEG's picture itself."""
CORNERS = np.array([[[220, 40, 40], [40, 200, 40]], [[40, 40, 220], [230, 230, 60]]], np.uint8)
"""Red and green above, blue and yellow below."""


def telling_photo(orientation: int, form: str = "JPEG") -> bytes:
    """The four corners as a camera that is held so stores them, with place, maker and comment."""
    seen = Image.fromarray(np.kron(CORNERS, np.ones((96, 72, 1), np.uint8)))
    turns_back = {6: 8, 8: 6}  # the others undo themselves
    turn = _TURNS.get(turns_back.get(orientation, orientation))
    stored = seen if turn is None else seen.transpose(turn)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretCam"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    target = io.BytesIO()
    comment = {"comment": b"12 Elm Street"} if form == "JPEG" else {}
    stored.save(target, form, quality=95, exif=exif, xmp=XMP, **comment)
    assert b"SecretCam" in target.getvalue()
    return target.getvalue()


def keep(folder: Path, photo: bytes) -> tuple[LocalStore, Photo]:
    """The photo as the service keeps it."""
    source, store = folder / "photo", LocalStore(folder / "store")
    source.write_bytes(photo)
    with store.create("photo.jpg", content_type="image/jpeg") as target:
        kept = normalise(str(source), str(target), "photo.jpg", "0" * 64)
    return store, kept


def corners_of(picture: Image.Image) -> list[tuple[int, ...]]:
    """Which colour is strong in each quarter: upper left, upper right, lower left, lower right."""
    pixels = np.asarray(picture.convert("RGB"), np.int16)
    height, width, _ = pixels.shape
    middles = [pixels[height * y // 4, width * x // 4] for y in (1, 3) for x in (1, 3)]
    return [tuple(int(value > 128) for value in middle) for middle in middles]


UPRIGHT = corners_of(Image.fromarray(np.kron(CORNERS, np.ones((8, 8, 1), np.uint8))))


def told(data: bytes) -> list[bytes]:
    secrets = SECRETS + JPEG_MARKERS if data.startswith(b"\xff\xd8") else SECRETS
    return [secret for secret in secrets if secret in data]


@pytest.mark.parametrize(
    ("orientation", "form"),
    [*((orientation, "JPEG") for orientation in range(1, 9)), (6, "PNG"), (8, "WEBP"), (1, "WEBP"), (3, "PNG")],
)
def test_the_kept_photo_its_thumbnail_and_what_a_model_gets_are_upright_pixels(
    orientation: int, form: str, tmp_path: Path
) -> None:
    store, kept = keep(tmp_path, telling_photo(orientation, form))
    with store.fetch(kept.key) as path:
        for_the_library, for_a_model = path.read_bytes(), base64.b64decode(encode_small(str(path), 100))
    for picture in (for_the_library, for_a_model, Thumbnails(store).get(kept.key, 160)):
        assert told(picture) == []
        with Image.open(io.BytesIO(picture)) as opened:
            assert opened.height > opened.width
            assert corners_of(opened) == UPRIGHT
            assert not {"exif", "xmp", "comment", "icc_profile"} & set(opened.info)


def test_a_film_its_poster_and_its_preview_are_upright_pixels(tmp_path: Path) -> None:
    store, kept = keep(tmp_path, telling_photo(6))
    with store.create("song.mp3", content_type="audio/mpeg") as path:
        path.write_bytes(song_file(tmp_path, 6.0).read_bytes())
    song = a_song(a_treatment(), key="song.mp3", length_seconds=6.0)
    film = render(a_context(store), reel(["push_in"], size=(144, 192)), kept, song)
    names = set()
    for found in list(store.objects("tasks")):
        names.add(found.key.rpartition("/")[2])
        with store.fetch(found.key) as path:
            assert told(path.read_bytes()) == []
    assert names >= {"film.mp4", "poster.jpg", "soundtrack.mp3", "00000.mp4"}
    with store.fetch(film.poster_key) as path, Image.open(path) as poster:
        assert corners_of(poster) == UPRIGHT
    with store.fetch(film.key) as path, av.open(str(path)) as container:
        assert {tuple(corners_of(frame.to_image())) for frame in container.decode(video=0)} == {tuple(UPRIGHT)}
