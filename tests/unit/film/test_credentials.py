"""Content credentials (C2PA): a film says, signed, what it is; and a certificate that cannot sign is told at start."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import c2pa
import pytest
from PIL import Image
from tests.certificates import new_key, pem_of, signing_files
from tests.contexts import a_context
from tests.footage import reel, song_file, texture
from tests.stories import a_song, a_treatment

from auratune.core.errors import InvalidSetting, RenderError
from auratune.core.photo import Photo
from auratune.film.rendering.credentials import check_credentials, sign_film
from auratune.film.rendering.renderer import render
from auratune.settings import load_settings
from auratune.storage.local import LocalStore
from auratune.wiring import check_signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.film import SigningFiles

AI_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def test_a_film_is_signed_and_still_plays_from_its_start(tmp_path: Path) -> None:
    signing, root = signing_files(tmp_path)
    store = LocalStore(tmp_path / "store")
    with store.create("photos/a.jpg", content_type="image/jpeg") as path:
        Image.fromarray(texture(144, 192)).save(path, "JPEG")
    with store.create("music/a.mp3", content_type="audio/mpeg") as path:
        path.write_bytes(song_file(tmp_path, 6.0).read_bytes())
    photo = Photo(key="photos/a.jpg", width_px=144, height_px=192, content_hash="0" * 64, seed=1)
    song = a_song(a_treatment(), key="music/a.mp3", length_seconds=6.0)
    board = reel(["push_in"], frames_per_shot=30)

    film = render(replace(a_context(store), signing=signing), board, photo, song)

    with store.fetch(film.key) as path:
        data = path.read_bytes()
        assert len(data) == film.size_bytes
        assert data.index(b"moov") < data.index(b"mdat")
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == board.frame_count
        state, manifest = credentials_of(path, root)
    assert film.notices == ()
    assert state == "Trusted"
    assert manifest["title"] == board.title
    actions = [each for each in manifest["assertions"] if each["label"].startswith("c2pa.actions")]
    assert actions[0]["data"]["actions"][0]["digitalSourceType"] == AI_MADE
    assert "thumbnail" not in json.dumps(manifest)


def test_a_film_whose_certificate_has_run_out_is_kept_unsigned_with_a_notice(tmp_path: Path) -> None:
    signing, _ = signing_files(tmp_path, valid_days=-1)
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a film")
    with pytest.raises(RenderError, match=r"is valid from .* until .*; get a new one"):
        sign_film(str(film), "Title", signing.certificate, signing.private_key)
    assert film.read_bytes() == b"a film"


def test_the_check_at_start_says_who_signs(tmp_path: Path) -> None:
    files, _ = signing_files(tmp_path)
    settings = load_settings(c2pa_certificate=files.certificate, c2pa_private_key=files.private_key)
    found, sentence = check_signing(settings)
    assert found == files
    assert sentence.startswith("films are signed by CN=Test films,O=Test, until 20")


def test_without_a_certificate_films_are_not_signed_and_that_is_no_fault() -> None:
    assert check_signing(load_settings()) == (None, "films are not signed: C2PA_CERTIFICATE is not set")


FAULTS: dict[str, tuple[Callable[[SigningFiles], object], str]] = {
    "no file": (lambda files: Path(files.certificate).unlink(), "C2PA_CERTIFICATE names a file that cannot be read"),
    "no PEM": (lambda files: Path(files.certificate).write_text("x"), "C2PA_CERTIFICATE must name a PEM file"),
    "no key": (lambda files: Path(files.private_key).write_text("x"), "C2PA_PRIVATE_KEY must name a PEM file"),
    "a root": (
        lambda files: signing_files(Path(files.certificate).parent, is_authority=True),
        r"C2PA_CERTIFICATE cannot sign films \(.*\); give a certificate for signing",
    ),
    "over": (
        lambda files: signing_files(Path(files.certificate).parent, valid_days=-1),
        "C2PA_CERTIFICATE is valid from .* until .*; get a new one",
    ),
    "another key": (
        lambda files: Path(files.private_key).write_bytes(pem_of(new_key())),
        "C2PA_PRIVATE_KEY is not the key of the first certificate",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_that_cannot_sign_is_refused_in_one_sentence(fault: str, tmp_path: Path) -> None:
    files, _ = signing_files(tmp_path)
    spoil, sentence = FAULTS[fault]
    spoil(files)
    with pytest.raises(InvalidSetting, match=sentence) as raised:
        check_credentials(files.certificate, files.private_key)
    assert str(tmp_path) not in raised.value.message


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, _ = signing_files(tmp_path)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(InvalidSetting, match="C2PA_CERTIFICATE needs the extra `c2pa`; install it with"):
        check_credentials(files.certificate, files.private_key)


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(InvalidSetting, match="C2PA_PRIVATE_KEY must be set along with C2PA_CERTIFICATE"):
        load_settings(c2pa_certificate="file.pem")


def credentials_of(path: Path, root: str) -> tuple[str, dict[str, Any]]:
    """What a verifier that trusts the root says of a film, and the film's statement."""
    context = c2pa.Context(settings=c2pa.Settings.from_dict({"trust": {"trust_anchors": root}}))
    with path.open("rb") as file:
        reader = c2pa.Reader("video/mp4", file, context=context)
        return reader.get_validation_state(), reader.get_active_manifest()
