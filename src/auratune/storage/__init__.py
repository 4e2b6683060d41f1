"""Where big bytes are kept: photos, songs and films, under keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from auratune.core.errors import InvalidSetting
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore
_SCRATCH = ".scratch"


def open_store(storage_url: str, data_folder: Path, **access: str) -> ObjectStore:
    """The store that an address names: a folder (`file:///…`), or a bucket (`s3://bucket/prefix`).

    An empty address is the data folder itself. `access` are the fields of `S3Access`: how to reach the bucket.
    Raises `InvalidSetting`.
    """
    if not storage_url:
        return LocalStore(data_folder)
    address = urlsplit(storage_url)
    if address.scheme == "file":
        return LocalStore(Path(url2pathname(address.path)))
    try:
        from auratune.storage.s3 import S3Access, S3Store
    except ModuleNotFoundError as error:
        raise InvalidSetting(
            "STORAGE_URL=s3://… needs the extra `cluster`; install it with `uv sync --extra cluster` or "
            '`pip install "auratune[cluster]"`.'
        ) from error
    return S3Store(address.netloc, address.path, S3Access(**access), scratch=data_folder / _SCRATCH)
