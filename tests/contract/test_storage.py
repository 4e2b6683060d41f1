"""What every store promises: whole bytes or none, under keys that lead nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auratune.core.errors import StorageError
from auratune.storage import STORES

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.ports import ObjectStore

KEY = "output/a.mp4"


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return STORES[request.param](tmp_path / "kept")


def _put(store: ObjectStore, key: str, content: bytes) -> None:
    with store.draft(key) as path:
        path.write_bytes(content)


def _read(store: ObjectStore, key: str) -> bytes:
    with store.fetch(key) as path:
        return path.read_bytes()


def test_bytes_come_back_as_they_were_kept(store: ObjectStore) -> None:
    _put(store, KEY, b"\x00film" * 1000)
    assert store.exists(KEY)
    assert _read(store, KEY) == b"\x00film" * 1000


def test_bytes_are_unseen_until_they_are_whole(store: ObjectStore) -> None:
    with store.draft(KEY) as path:
        path.write_bytes(b"half")
        assert not store.exists(KEY)


def test_a_draft_that_fails_changes_nothing(store: ObjectStore) -> None:
    _put(store, KEY, b"former")

    def fail() -> None:
        with store.draft(KEY) as path:
            path.write_bytes(b"broken")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _read(store, KEY) == b"former"


def test_newer_bytes_take_the_place_of_older_ones(store: ObjectStore) -> None:
    _put(store, KEY, b"older")
    _put(store, KEY, b"newer")
    assert _read(store, KEY) == b"newer"


def test_a_draft_has_the_suffix_of_its_key(store: ObjectStore) -> None:
    with store.draft("music/a.film.mp3") as path:
        assert path.suffix == ".mp3"
        path.write_bytes(b"x")


def test_what_was_removed_is_gone_and_removing_it_again_is_fine(store: ObjectStore) -> None:
    _put(store, KEY, b"x")
    store.delete(KEY)
    store.delete(KEY)
    assert not store.exists(KEY)


def test_missing_bytes_are_a_clear_error(store: ObjectStore) -> None:
    with pytest.raises(StorageError), store.fetch(KEY):
        pass


@pytest.mark.parametrize("key", ["", "..", "../x", "a/../../x", "/etc/passwd", "a/.hidden", "a\\b", "a b"])
def test_a_key_cannot_lead_anywhere_else(store: ObjectStore, key: str) -> None:
    for use in (store.exists, store.delete):
        with pytest.raises(StorageError):
            use(key)
