"""Keeps objects in a folder of this machine, so that a power cut leaves either the whole file or none."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import shutil
import sys
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import anyio.to_thread

from auratune.core.errors import DiskFull, StorageError, is_disk_full
from auratune.core.ports import ObjectInfo
from auratune.storage import keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_DRAFTS = ".drafts"
_PIECE_BYTES = 256 * 1024
# File systems without hard links (exFAT, some network shares) say so in one of these ways.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV}


class LocalStore:
    """A store in a folder: the key `tasks/x/film.mp4` is the file `tasks/x/film.mp4` under the root.

    Whatever is visible under a key was complete and on disk before it became visible. Bytes on their way are in
    `.drafts` under the root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def path_of(self, key: str) -> Path:
        """Where the bytes of a key are or would be. Raises `StorageError` for a key that no store would hand out."""
        return self._root / keys.check_key(key)

    @contextmanager
    def create(self, key: str, *, content_type: str, filename: str = "") -> Iterator[Path]:
        """A path to write to; the object is visible when the block ends well. See `ObjectStore.create`."""
        del content_type, filename
        with self._draft(self.path_of(key)) as draft:
            yield draft
            with _disk():
                _sync(draft)
                self._publish(draft, self.path_of(key))

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """The file with the bytes, for reading only. Raises `StorageError` when missing."""
        path = self.path_of(key)
        if not path.is_file():
            raise keys.missing()
        yield path

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, or None where there is none."""
        return self._info(self.path_of(key))

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in pieces. Raises `StorageError` when missing or shorter than that."""
        try:
            file = await anyio.to_thread.run_sync(_open, self.path_of(key))
        except FileNotFoundError:
            raise keys.missing() from None
        with file:
            await anyio.to_thread.run_sync(file.seek, start)
            while start < end:
                piece = await anyio.to_thread.run_sync(file.read, min(_PIECE_BYTES, end - start))
                if not piece:
                    raise StorageError("The file is shorter than it was.", code="store_failed")
                start += len(piece)
                yield piece

    def copy(self, source: str, target: str) -> None:
        """Make another object of the same bytes: a hard link, since nobody ever writes into an object."""
        with self.fetch(source) as path, _disk():
            self._publish(path, self.path_of(target))

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        self.path_of(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> int:
        """Remove all objects under a prefix; return how many."""
        folder = self.path_of(prefix)
        number = sum(1 for _ in self.objects(prefix))
        shutil.rmtree(folder, ignore_errors=True)
        return number

    def prefixes(self, under: str) -> Iterator[str]:
        """Prefixes one step below."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path in sorted(self.path_of(under).iterdir()):
                if path.is_dir():
                    yield f"{under}/{path.name}"

    def objects(self, prefix: str) -> Iterator[ObjectInfo]:
        """All objects under a prefix."""
        for folder, _, names in os.walk(self.path_of(prefix)):
            for name in sorted(names):
                if info := self._info(Path(folder) / name):
                    yield info

    def signed_url(self, key: str, seconds: float) -> str | None:
        """None: a folder has no address of its own."""
        del key, seconds
        return None

    def free_bytes(self) -> int | None:
        """Room that is left on the folder's disk."""
        return shutil.disk_usage(next(path for path in (self._root, *self._root.parents) if path.exists())).free

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
        return self.path_of(key).is_file()

    def clear_drafts(self) -> int:
        """Remove what a killed process left half-written; return how many files. For the start, before any work."""
        # Version 0.1 wrote the last two.
        stale = [path for pattern in (f"{_DRAFTS}/*", "*/.draft-*", "preview/*") for path in self._root.glob(pattern)]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    @contextmanager
    def _draft(self, path: Path) -> Iterator[Path]:
        folder = self._root / _DRAFTS
        with _disk():
            folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{uuid.uuid4().hex[:12]}-{path.name}"
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _publish(self, source: Path, path: Path) -> None:
        """Give a complete file its key, unless that has other bytes."""
        _make_folder(path.parent)
        try:
            os.link(source, path)
        except FileExistsError:
            if not filecmp.cmp(source, path, shallow=False):
                raise keys.exists() from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._publish_copy(source, path)
        _sync(path.parent)

    def _publish_copy(self, source: Path, path: Path) -> None:
        if path.exists():
            if not filecmp.cmp(source, path, shallow=False):
                raise keys.exists()
            return
        with self._draft(path) as copy:
            shutil.copyfile(source, copy)
            _sync(copy)
            copy.replace(path)

    def _info(self, path: Path) -> ObjectInfo | None:
        try:
            facts = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not path.is_file():
            return None
        return ObjectInfo(
            key=path.relative_to(self._root).as_posix(),
            size_bytes=facts.st_size,
            modified=datetime.fromtimestamp(facts.st_mtime, UTC),
            etag=f"{facts.st_mtime_ns:x}-{facts.st_size:x}",
        )


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise DiskFull("There is no room on the disk; make some and try again.") from error
        raise StorageError("The disk did not take the file; make room and try again.") from error


def _open(path: Path) -> IO[bytes]:
    return path.open("rb", buffering=0)


def _make_folder(folder: Path) -> None:
    """Make a folder that a power cut does not take away: each parent is on disk once its new child is."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    # A new name is only safe from a power cut once its folder is on disk too.
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
