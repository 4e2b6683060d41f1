"""Accepts photos: each is decoded, kept and queued before the answer goes out, and the same one only once."""

from __future__ import annotations

import hashlib
import shutil
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core import serialization
from auratune.core.errors import InvalidOption, InvalidPhoto, ServiceBusy, SubprocessFailed, TaskConflict
from auratune.core.photo import Photo
from auratune.core.ports import Limits
from auratune.core.task import Status, Submission
from auratune.tasks import events, file_claims, task_table
from auratune.tasks.database import take_turn
from auratune.tasks.schema.tables import idempotency_keys, tasks
from auratune.tasks.stage_policies import WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.core.task import Upload
    from auratune.tasks.database import Database
    from auratune.tasks.dispatch import Engine

DECODER = "auratune.vision.decode:normalise"
_SAME_PHOTO_WITHIN = timedelta(minutes=10)
KEY_KEPT_FOR = timedelta(hours=24)
_LEAST_FREE_BYTES = 256 * 1024 * 1024
# A child may die for reasons that are not the photo's; twice in a row it is the photo.
_DECODING_ATTEMPTS = 2
_DECODING = Limits(wall_seconds=10, cpu_seconds=10, memory_mib=2048, niceness=0)


class SubmissionService:
    """Turns an upload into a task."""

    def __init__(
        self,
        *,
        database: Database,
        engine: Engine,
        store: ObjectStore,
        subprocesses: Subprocesses,
        data_folder: Path,
        most_waiting: int,
    ) -> None:
        self._database = database
        self._engine = engine
        self._store = store
        self._subprocesses = subprocesses
        self._data_folder = data_folder
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._in_flight: set[tuple[str, str]] = set()

    def accept(self, upload: Upload) -> Submission:
        """Keep the photo and queue its film; the upload's file is gone afterwards, whatever happens.

        The same bytes from the same owner within ten minutes, or the same idempotency key within a day, give the
        same task. Raises `InvalidPhoto`, `InvalidOption` (`idempotency_key_reused`), `TaskConflict`
        (`idempotency_key_in_flight`) and `ServiceBusy`; then no task and no file is left behind.
        """
        try:
            with self._in_flight_once(upload):
                known = self._database.read(lambda connection: _known(connection, upload))
                return known or self._take_in(upload)
        finally:
            Path(upload.path).unlink(missing_ok=True)

    @contextmanager
    def _in_flight_once(self, upload: Upload) -> Iterator[None]:
        if not upload.idempotency_key:
            yield
            return
        mark = (upload.owner, upload.idempotency_key)
        with self._lock:
            if mark in self._in_flight:
                raise TaskConflict(
                    "A request with this Idempotency-Key is still being answered; wait for it.",
                    code="idempotency_key_in_flight",
                    retryable=True,
                )
            self._in_flight.add(mark)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight.discard(mark)

    def _take_in(self, upload: Upload) -> Submission:
        self._make_sure_of_room()
        task_id = str(uuid.uuid4())
        photo = self._decode(upload, f"photos/{task_id}.jpg")
        submission = Submission(task_id=task_id, duplicate=True)
        try:
            submission = self._database.write(lambda connection: self._enter(connection, upload, task_id, photo))
        finally:
            # Another request with the same bytes came first, or the row could not be written.
            if submission.duplicate:
                self._store.delete(photo.key)
        return submission

    def _decode(self, upload: Upload, key: str) -> Photo:
        for attempt in range(_DECODING_ATTEMPTS):
            try:
                with self._store.draft(key) as draft:
                    photo = self._subprocesses.run(
                        DECODER, upload.path, str(draft), key, upload.content_hash, limits=_DECODING
                    )
            except SubprocessFailed as error:
                if error.code == "work_took_too_long":
                    # The photo used less CPU than it may: the machine has no time, and a second try would take more.
                    raise ServiceBusy("The photo could not be read in time; send it again in a minute.") from error
                if attempt + 1 == _DECODING_ATTEMPTS:
                    raise InvalidPhoto(
                        "The photo cannot be read; send another one.", code="photo_unreadable"
                    ) from error
            else:
                assert isinstance(photo, Photo)
                return photo
        raise AssertionError("the loop above returns or raises")

    def _enter(self, connection: sa.Connection, upload: Upload, task_id: str, photo: Photo) -> Submission:
        # Two nodes that are sent the same bytes at the same moment must not both find nothing.
        take_turn(connection, f"submissions of {upload.owner}")
        known = _known(connection, upload)
        if known:
            return known
        row = task_table.new_row(
            task_id=task_id,
            owner=upload.owner,
            photo=photo,
            options=upload.options,
            upload_name=upload.filename,
            message=WAITING,
        )
        enter(connection, row, self._engine.enqueue)
        file_claims.claim(connection, task_id, [photo.key], is_source=True)
        if upload.idempotency_key:
            connection.execute(
                sa.insert(idempotency_keys).values(
                    owner=upload.owner,
                    key=upload.idempotency_key,
                    body_hash=_body_hash(upload),
                    task_id=task_id,
                    at=task_table.now(),
                )
            )
        return Submission(task_id=task_id)

    def has_room(self) -> bool:
        """Whether the disk takes more films."""
        return shutil.disk_usage(self._data_folder).free >= _LEAST_FREE_BYTES

    def _make_sure_of_room(self) -> None:
        if not self.has_room():
            raise ServiceBusy("The disk is nearly full; delete some films and try again.", code="disk_full")
        if self._database.read(task_table.counts).queued >= self._most_waiting:
            raise ServiceBusy("Too many photos are waiting already; try again in a few minutes.", code="queue_full")


def enter(
    connection: sa.Connection, row: dict[str, object], enqueue: Callable[[sa.Connection, str, int], None]
) -> None:
    """Write a new task's row, its first event and its workflow, all in the caller's transaction."""
    written = connection.execute(
        sa.insert(tasks)
        .values(**row)
        .returning(tasks.c.owner, tasks.c.status, tasks.c.stage, tasks.c.progress, tasks.c.message)
    ).one()
    events.tell(connection, str(row["task_id"]), written, milestone=True)
    enqueue(connection, str(row["task_id"]), 1)


def _known(connection: sa.Connection, upload: Upload) -> Submission | None:
    return _by_key(connection, upload) or _by_content(connection, upload)


def _by_key(connection: sa.Connection, upload: Upload) -> Submission | None:
    if not upload.idempotency_key:
        return None
    row = connection.execute(
        sa.select(idempotency_keys).where(
            idempotency_keys.c.owner == upload.owner,
            idempotency_keys.c.key == upload.idempotency_key,
            idempotency_keys.c.at > task_table.now() - KEY_KEPT_FOR,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.body_hash != _body_hash(upload):
        raise InvalidOption(
            "This Idempotency-Key was used for another request; use a new key for every photo.",
            code="idempotency_key_reused",
        )
    return Submission(task_id=row.task_id, duplicate=True)


def _by_content(connection: sa.Connection, upload: Upload) -> Submission | None:
    if upload.allow_duplicate:
        return None
    task_id = connection.scalar(
        sa.select(tasks.c.task_id)
        .where(
            tasks.c.owner == upload.owner,
            tasks.c.content_hash == upload.content_hash,
            tasks.c.made_from == "",
            tasks.c.created_at > task_table.now() - _SAME_PHOTO_WITHIN,
            # Who sends a photo again after a failure or a cancel wants another try.
            tasks.c.status.notin_((Status.ERROR.value, Status.CANCELLED.value)),
        )
        .order_by(tasks.c.created_at.desc())
        .limit(1)
    )
    return Submission(task_id=task_id, duplicate=True) if task_id else None


def _body_hash(upload: Upload) -> str:
    return hashlib.sha256(serialization.dumps((upload.content_hash, upload.options))).hexdigest()
