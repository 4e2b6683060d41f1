"""The local store shows whole files or none, and nothing outside its root."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from auratune.core.errors import StorageError
from auratune.storage.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "kept")


def test_an_object_and_each_new_folder_are_on_disk_before_it_counts(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real_sync = os.fsync

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        # Threads of other tests' services may write elsewhere.
        if path.is_relative_to(tmp_path):
            synced.append(str(path))
        real_sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    with store.create("tasks/t1/1/film.mp4", content_type="video/mp4") as path:
        path.write_bytes(b"x")
    root = tmp_path / "kept"
    assert synced == [str(path), *(str(root / name) for name in (".", "tasks", "tasks/t1")), str(root / "tasks/t1/1")]


def test_where_hard_links_are_not_to_be_had_bytes_are_copied(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: object, target: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    for content in (b"song", b"song"):
        with store.create("tasks/t1/song.mp3", content_type="audio/mpeg") as path:
            path.write_bytes(content)
    store.copy("tasks/t1/song.mp3", "tasks/t2/song.mp3")
    store.delete_prefix("tasks/t1")
    with store.fetch("tasks/t2/song.mp3") as path:
        assert path.read_bytes() == b"song"
    with (
        pytest.raises(StorageError),
        store.create("tasks/t2/song.mp3", content_type="audio/mpeg") as path,
    ):
        path.write_bytes(b"other")


@pytest.mark.parametrize(
    "key", ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/.hidden", "a\\b", "a/b\n", "a/", "~/x", "a b"]
)
def test_a_key_cannot_lead_anywhere_else(store: LocalStore, key: str) -> None:
    for use in (store.path_of, store.exists, store.delete):
        with pytest.raises(StorageError):
            use(key)


def test_what_is_missing_is_a_clear_error_without_a_path(store: LocalStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught, store.fetch("output/none.mp4"):
        pass
    assert str(tmp_path) not in str(caught.value)
    assert not caught.value.retryable
    store.delete("output/none.mp4")


def test_a_start_clears_what_a_killed_process_left_half_written(store: LocalStore, tmp_path: Path) -> None:
    with store.create("output/whole.mp4", content_type="video/mp4") as path:
        path.write_bytes(b"x")
    path.write_bytes(b"left behind")
    assert store.clear_drafts() == 1
    assert [info.key for info in store.objects("output")] == ["output/whole.mp4"]
