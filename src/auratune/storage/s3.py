"""Keeps objects in a bucket of S3 or of anything that speaks its protocol (MinIO, R2, Garage…)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store as _Bucket

from auratune.core.errors import InvalidSetting, StorageError
from auratune.core.ports import ObjectInfo
from auratune.storage import keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# A killed single put leaves nothing behind; a killed multipart upload leaves parts that only the bucket's own
# lifecycle rule (AbortIncompleteMultipartUpload) removes.
SINGLE_PUT_BYTES = 32 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
_LIST_PAGE = 1000
_CHECKSUM = "sha256"


@dataclass(frozen=True, slots=True)
class S3Access:
    """How to reach the bucket. What is empty is taken from where AWS tools take it: environment, role, instance."""

    access_key_id: str = ""
    secret_access_key: str = ""
    endpoint: str = ""
    region: str = ""


class S3Store:
    """A store in a bucket: the key `tasks/x/film.mp4` is the object `<prefix>/tasks/x/film.mp4`."""

    def __init__(self, bucket: str, prefix: str = "", access: S3Access | None = None, *, scratch: Path) -> None:
        """Connect to nothing yet; `scratch` is a local folder for bytes on their way."""
        access = access or S3Access()
        given = {
            "access_key_id": access.access_key_id,
            "secret_access_key": access.secret_access_key,
            "endpoint": access.endpoint,
            "region": access.region,
        }
        config: Any = {name: value for name, value in given.items() if value}
        try:
            self._bucket = _Bucket(
                bucket,
                prefix=prefix.strip("/") or None,
                config=config,
                client_options={
                    "allow_http": access.endpoint.startswith("http://"),
                    "connect_timeout": "5s",
                    "timeout": "120s",
                },
                retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=60)},
            )
        except BaseError as error:
            raise InvalidSetting("STORAGE_URL does not name a bucket; for example s3://my-bucket/auratune") from error
        # Each process has its own, so that one that starts can tell what a killed one left.
        self._scratch = scratch / str(os.getpid())

    @contextmanager
    def create(self, key: str, *, content_type: str, filename: str = "") -> Iterator[Path]:
        """A path to write to; the object is visible when the block ends well. See `ObjectStore.create`."""
        with self._draft(key) as draft:
            yield draft
            self._put(draft, key, content_type, filename)

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """A copy of the object on this machine, removed at the end of the block. Raises `StorageError` when missing."""
        with self._draft(key) as copy:
            with _service(), copy.open("wb") as file:
                for piece in obstore.get(self._bucket, key).stream(_PIECE_BYTES):
                    file.write(piece)
            yield copy

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, or None where there is none."""
        keys.check_key(key)
        try:
            with _service():
                return _info(obstore.head(self._bucket, key))
        except StorageError as error:
            if error.code == keys.missing().code:
                return None
            raise

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in pieces. Raises `StorageError` when missing."""
        keys.check_key(key)
        if start >= end:
            return
        with _service():
            answer = await obstore.get_async(self._bucket, key, options={"range": (start, end)})
            async for piece in answer.stream(_PIECE_BYTES):
                yield piece

    def copy(self, source: str, target: str) -> None:
        """Make another object of the same bytes, inside the bucket."""
        keys.check_key(source)
        info, there = self.head(source), self.head(keys.check_key(target))
        if info is None:
            raise keys.missing()
        if there is not None and (there.size_bytes, there.etag) != (info.size_bytes, info.etag):
            raise keys.exists()
        with _service():
            obstore.copy(self._bucket, source, target)

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        with _service(), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._bucket, keys.check_key(key))

    def delete_prefix(self, prefix: str) -> int:
        """Remove all objects under a prefix, many at a time; return how many."""
        number = 0
        while found := [info.key for info, _ in zip(self.objects(prefix), range(_LIST_PAGE), strict=False)]:
            with _service():
                obstore.delete(self._bucket, found)
            number += len(found)
        return number

    def prefixes(self, under: str) -> Iterator[str]:
        """Prefixes one step below."""
        with _service():
            found = obstore.list_with_delimiter(self._bucket, keys.check_key(under))
        yield from sorted(found["common_prefixes"])

    def objects(self, prefix: str) -> Iterator[ObjectInfo]:
        """All objects under a prefix."""
        with _service():
            for page in obstore.list(self._bucket, keys.check_key(prefix), chunk_size=_LIST_PAGE):
                yield from (_info(meta) for meta in page)

    def signed_url(self, key: str, seconds: float) -> str | None:
        """An address that gives the object to anyone for a while; ranges work."""
        with _service():
            return str(obstore.sign(self._bucket, "GET", keys.check_key(key), timedelta(seconds=seconds)))

    def free_bytes(self) -> int | None:
        """None: a bucket has no limit to know of."""
        return None

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key."""
        return self.head(key) is not None

    def clear_drafts(self) -> int:
        """Remove what a killed process left half-written on this machine; return how many files."""
        own = self._scratch
        stale = [path for path in own.parent.glob("*") if path == own or not _is_alive(path.name)]
        number = sum(len(list(path.iterdir())) for path in stale)
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return number

    @contextmanager
    def _draft(self, key: str) -> Iterator[Path]:
        name = Path(keys.check_key(key)).name
        self._scratch.mkdir(parents=True, exist_ok=True)
        draft = self._scratch / f"{uuid.uuid4().hex[:12]}-{name}"
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _put(self, draft: Path, key: str, content_type: str, filename: str) -> None:
        checksum = _checksum(draft)
        attributes = {"Content-Type": content_type, _CHECKSUM: checksum}
        if filename:
            attributes["Content-Disposition"] = keys.disposition(filename)
        large = draft.stat().st_size >= SINGLE_PUT_BYTES
        # Only a single put can refuse a key that is taken; a long upload asks beforehand.
        if large and self.head(key):
            self._check_same(key, checksum)
            return
        mode: Any = "overwrite" if large else "create"
        try:
            with _service():
                obstore.put(self._bucket, key, draft, attributes=attributes, mode=mode, use_multipart=large)
        except AlreadyExistsError:
            # Also the answer to a second try of a put whose first answer was lost.
            self._check_same(key, checksum)

    def _check_same(self, key: str, checksum: str) -> None:
        with _service():
            answer = obstore.get(self._bucket, key, options={"head": True})
        if answer.attributes.get(_CHECKSUM) != checksum:
            raise keys.exists()


def _is_alive(name: str) -> bool:
    """Whether a scratch folder's process still runs; folders are named after process ids."""
    try:
        os.kill(int(name), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _service() -> Iterator[None]:
    try:
        yield
    except AlreadyExistsError:
        raise
    except FileNotFoundError:
        raise keys.missing() from None
    except (BaseError, OSError) as error:
        raise StorageError(
            "The object store did not answer as it should; try again in a moment.", code="store_failed"
        ) from error


def _info(meta: Any) -> ObjectInfo:
    return ObjectInfo(
        key=meta["path"],
        size_bytes=meta["size"],
        modified=meta["last_modified"],
        etag=(meta["e_tag"] or "").strip('"'),
    )


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
