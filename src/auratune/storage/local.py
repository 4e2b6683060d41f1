"""Keeps big bytes in a folder of this machine, so that a power cut leaves either the whole file or none."""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auratune.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,199})*")
_DRAFT = ".draft-"
_PREVIEWS = "preview"


class LocalStore:
    """A store in a folder: the key `output/x.mp4` is the file `output/x.mp4` under the root.

    Whatever is visible under a key was complete and on disk before it became visible.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def path_of(self, key: str) -> Path:
        """Where the bytes of a key are or would be. Raises `StorageError` for a key that no store would hand out."""
        # No part may begin with a dot, so a key can neither climb out of the root nor name a draft.
        if not _KEY.fullmatch(key):
            raise StorageError("There is nothing under that name.", code="bad_key", retryable=False)
        return self._root / key

    def preview_path(self, key: str) -> Path:
        """Where a film that is still being drawn may be written and watched at once; its folder exists.

        One place for each name up to its first dot, so the film's key and any key beside it lead to the same
        preview. Nothing here is ever a finished film: it lies apart, and goes with `drop_preview`.
        """
        stem = self.path_of(key).name.split(".", 1)[0]
        path = self.path_of(f"{_PREVIEWS}/{stem}.mp4")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def drop_preview(self, key: str) -> None:
        """Remove the growing preview of a key, if there is one."""
        self.preview_path(key).unlink(missing_ok=True)

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """The file with the bytes, for reading only. Raises `StorageError` when missing."""
        path = self.path_of(key)
        if not path.is_file():
            raise StorageError(
                "A file that belongs to this film is missing; send the photo again.",
                code="file_missing",
                retryable=False,
            )
        yield path

    @contextmanager
    def draft(self, key: str) -> Iterator[Path]:
        """A path to write to, with the key's own suffix; kept durably under the key when the block ends well."""
        path = self.path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{_DRAFT}{uuid.uuid4().hex[:12]}-{path.name}")
        try:
            yield draft
            _keep(draft, path)
        finally:
            draft.unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
        return self.path_of(key).is_file()

    def delete(self, key: str) -> None:
        """Remove the bytes; a missing key is fine."""
        self.path_of(key).unlink(missing_ok=True)

    def keys(self, folder: str) -> Iterator[tuple[str, float]]:
        """Each key of a folder with its age in seconds."""
        now = time.time()
        with contextlib.suppress(FileNotFoundError):
            for path in self.path_of(folder).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.is_file() and not path.name.startswith("."):
                        yield f"{folder}/{path.name}", now - path.stat().st_mtime

    def keys_about(self, task_id: str) -> list[str]:
        """Each key whose name begins with a task's id, whether a finished file or something to work with."""
        self.path_of(task_id)
        return [f"{path.parent.name}/{path.name}" for path in self._root.glob(f"*/{task_id}*") if path.is_file()]

    def clear_drafts(self) -> int:
        """Remove what a killed process left half-written; return how many files. For the start, before any work."""
        stale = [*self._root.glob(f"*/{_DRAFT}*"), *self._root.glob(f"{_PREVIEWS}/*")]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


def _keep(draft: Path, path: Path) -> None:
    try:
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError("The disk did not take the file; make room and try again.") from error


def _sync_folder(folder: Path) -> None:
    # A rename is only safe from a power cut once its folder is on disk too.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
