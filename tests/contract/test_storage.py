"""What every store promises: whole objects or none, written once, under keys that lead nowhere else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.backends import BACKENDS, Backend, open_backend

from auratune.core.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.ports import ObjectStore

KEY = "tasks/t1/1/r1/film.mp4"


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return open_backend(request.param, tmp_path / "kept", database=False)


@pytest.fixture
def store(place: Backend) -> ObjectStore:
    return place.store()


def put(store: ObjectStore, key: str, content: bytes) -> None:
    with store.create(key, content_type="video/mp4") as path:
        path.write_bytes(content)


def get(store: ObjectStore, key: str) -> bytes:
    with store.fetch(key) as path:
        return path.read_bytes()


def read(store: ObjectStore, key: str, start: int, end: int) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [piece async for piece in store.read(key, start, end)]

    return asyncio.run(collect())


def test_bytes_come_back_as_they_were_written(store: ObjectStore) -> None:
    put(store, KEY, b"\x00film" * 1000)
    assert get(store, KEY) == b"\x00film" * 1000


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    put(store, KEY, b"")
    assert get(store, KEY) == b""
    assert read(store, KEY, 0, 0) == []


def test_an_object_is_unseen_until_it_is_whole(store: ObjectStore) -> None:
    with store.create(KEY, content_type="video/mp4") as path:
        path.write_bytes(b"half")
        assert store.head(KEY) is None
        assert list(store.objects("tasks")) == []
    assert store.head(KEY) is not None


def test_a_write_that_fails_leaves_nothing(store: ObjectStore, tmp_path: Path) -> None:
    def fail() -> None:
        with store.create(KEY, content_type="video/mp4") as path:
            path.write_bytes(b"broken")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.head(KEY) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_object_is_never_overwritten(store: ObjectStore) -> None:
    put(store, KEY, b"first")
    with pytest.raises(StorageError) as caught:
        put(store, KEY, b"other")
    assert caught.value.code == "object_exists"
    assert get(store, KEY) == b"first"


def test_writing_the_same_bytes_again_is_fine(store: ObjectStore) -> None:
    put(store, KEY, b"same")
    put(store, KEY, b"same")
    assert get(store, KEY) == b"same"


def test_a_path_to_write_to_has_the_suffix_of_its_key(store: ObjectStore) -> None:
    with store.create("tasks/t1/a.film.mp3", content_type="audio/mpeg") as path:
        assert path.suffix == ".mp3"
        path.write_bytes(b"x")


def test_size_and_etag_are_known_without_reading(store: ObjectStore) -> None:
    put(store, KEY, b"12345")
    info = store.head(KEY)
    assert info is not None
    assert (info.key, info.size_bytes) == (KEY, 5)
    assert info.etag
    assert info.modified.tzinfo is not None
    assert store.head("tasks/t1/1/r1/none.mp4") is None


def test_a_range_is_read_alone_and_in_pieces(store: ObjectStore) -> None:
    content = bytes(range(256)) * 4096
    put(store, KEY, content)
    assert b"".join(read(store, KEY, 0, len(content))) == content
    assert b"".join(read(store, KEY, 1000, 700_000)) == content[1000:700_000]
    assert max(map(len, read(store, KEY, 0, len(content)))) <= 512 * 1024
    assert b"".join(read(store, KEY, len(content) - 1, len(content))) == content[-1:]


def test_a_large_object_goes_through_whole(store: ObjectStore, tmp_path: Path) -> None:
    block = bytes(range(256)) * 4096
    with store.create(KEY, content_type="video/mp4") as path, path.open("wb") as file:
        for _ in range(33):
            file.write(block)
    info = store.head(KEY)
    assert info is not None
    assert info.size_bytes == 33 * len(block)
    assert b"".join(read(store, KEY, 32 * len(block), 33 * len(block))) == block


def test_a_copy_survives_the_removal_of_its_source(store: ObjectStore) -> None:
    put(store, KEY, b"song")
    store.copy(KEY, "tasks/t2/1/r1/song.mp3")
    store.delete_prefix("tasks/t1")
    assert get(store, "tasks/t2/1/r1/song.mp3") == b"song"


def test_a_copy_does_not_overwrite_either(store: ObjectStore) -> None:
    put(store, KEY, b"song")
    put(store, "tasks/t2/song.mp3", b"another song")
    with pytest.raises(StorageError) as caught:
        store.copy(KEY, "tasks/t2/song.mp3")
    assert caught.value.code == "object_exists"
    store.copy(KEY, "tasks/t3/song.mp3")
    store.copy(KEY, "tasks/t3/song.mp3")
    assert get(store, "tasks/t2/song.mp3") == b"another song"


def test_a_prefix_ends_at_a_whole_part_of_the_key(store: ObjectStore) -> None:
    for key in ("tasks/t1/a.mp4", "tasks/t1/2/b.mp4", "tasks/t10/a.mp4", "tasks/t1-x/a.mp4"):
        put(store, key, b"x")
    assert sorted(info.key for info in store.objects("tasks/t1")) == ["tasks/t1/2/b.mp4", "tasks/t1/a.mp4"]
    assert sorted(store.prefixes("tasks")) == ["tasks/t1", "tasks/t1-x", "tasks/t10"]
    assert store.delete_prefix("tasks/t1") == 2
    assert sorted(store.prefixes("tasks")) == ["tasks/t1-x", "tasks/t10"]
    assert store.delete_prefix("tasks/t1") == 0


def test_removing_what_is_not_there_is_fine(store: ObjectStore) -> None:
    put(store, KEY, b"x")
    store.delete(KEY)
    store.delete(KEY)
    assert store.head(KEY) is None
    assert list(store.prefixes("nothing")) == []
    assert list(store.objects("nothing")) == []


def test_missing_bytes_are_a_clear_error(store: ObjectStore) -> None:
    for use in (lambda: store.fetch(KEY).__enter__(), lambda: read(store, KEY, 0, 1), lambda: store.copy(KEY, "x/y")):
        with pytest.raises(StorageError) as caught:
            use()
        assert caught.value.code == "file_missing"


@pytest.mark.parametrize("key", ["", "..", "../x", "a/../../x", "/etc/passwd", "a/.hidden", "a\\b", "a b", "a//b"])
def test_a_key_cannot_lead_anywhere_else(store: ObjectStore, key: str) -> None:
    for use in (
        store.head,
        store.delete,
        store.delete_prefix,
        lambda key: store.fetch(key).__enter__(),
        lambda key: store.create(key, content_type="video/mp4").__enter__(),
        lambda key: list(store.objects(key)),
        lambda key: list(store.prefixes(key)),
        lambda key: store.copy(key, "x"),
        lambda key: read(store, key, 0, 1),
    ):
        with pytest.raises(StorageError):
            use(key)


WRITER = """
import os, sys
from pathlib import Path
from auratune.storage import open_store
names = ("access_key_id", "secret_access_key", "endpoint", "region")
store = open_store(sys.argv[1], Path(sys.argv[2]), **dict(zip(names, sys.argv[3:])))
with store.create("tasks/t1/film.mp4", content_type="video/mp4") as path:
    path.write_bytes(b"half")
    os.kill(os.getpid(), 9)
"""


def test_a_process_killed_while_writing_leaves_nothing_after_the_next_start(place: Backend) -> None:
    access = place.access
    keys = (access.access_key_id, access.secret_access_key, access.endpoint, access.region) if access else ("",) * 4
    done = subprocess.run([sys.executable, "-c", WRITER, place.storage_url, str(place.data_folder), *keys], check=False)
    assert done.returncode == -9
    store = place.store()
    assert store.head("tasks/t1/film.mp4") is None
    assert list(store.objects("tasks")) == []
    assert [path for path in place.data_folder.rglob("*") if path.is_file()] != []
    store.clear_drafts()
    assert [path for path in place.data_folder.rglob("*") if path.is_file()] == []
