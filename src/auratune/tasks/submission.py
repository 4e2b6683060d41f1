"""Accepts photos: each is decoded, kept and queued before the answer goes out, and the same one only once."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core import serialization
from auratune.core.errors import DiskFull, InvalidOption, InvalidPhoto, ServiceBusy, SubprocessFailed, TaskConflict
from auratune.core.photo import Photo
from auratune.core.ports import Limits
from auratune.core.task import Status, Submission
from auratune.retrying import retry
from auratune.tasks import attempts, task_table
from auratune.tasks.database import take_turn
from auratune.tasks.schema import tables
from auratune.tasks.schema.tables import idempotency_keys, tasks
from auratune.tasks.webhooks import DEFAULT

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore, Subprocesses
    from auratune.core.task import Upload
    from auratune.tasks.database import Database
    from auratune.tasks.dispatch import Engine
    from auratune.tasks.queue_limits import QueueLimits
    from auratune.tasks.webhooks import Webhooks

DECODER = "auratune.vision.decode:normalise"
_SAME_PHOTO_WITHIN = timedelta(minutes=10)
KEY_KEPT_FOR = timedelta(hours=24)
_ANSWERED_WITHIN = timedelta(minutes=2)
# A child may die for reasons that are not the photo's; twice in a row it is the photo.
_DECODING_ATTEMPTS = 2
_TOO_LONG = "work_took_too_long"
_DECODING = Limits(wall_seconds=10, cpu_seconds=10, memory_mib=2048, niceness=5)
"""Before films, and behind the service itself: it answers others meanwhile."""


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
        limits: QueueLimits,
        least_free_bytes: int,
        webhooks: Webhooks,
    ) -> None:
        self._database = database
        self._engine = engine
        self._store = store
        self._subprocesses = subprocesses
        self._data_folder = data_folder
        self._limits = limits
        self._least_free_bytes = least_free_bytes
        self._webhooks = webhooks

    def accept(self, upload: Upload) -> Submission:
        """Keep the photo and queue its film; the upload's file is gone afterwards, whatever happens.

        The same bytes with the same options from the same owner within ten minutes, or the same idempotency key within
        a day, give the same task. Raises `InvalidPhoto`, `InvalidOption` (`idempotency_key_reused`), `TaskConflict`
        (`idempotency_key_in_flight`), `ServiceBusy`, `DiskFull` and `QueueFull`; then neither task nor file is left. An
        address for a webhook that may not be called is refused as `InvalidOption` too.
        """
        try:
            upload = replace(upload, callback_url=self._webhooks.accept(upload.callback_url))
            return self._accept_with_key(upload) if upload.idempotency_key else self._accept(upload)
        finally:
            Path(upload.path).unlink(missing_ok=True)

    def _accept_with_key(self, upload: Upload) -> Submission:
        if answered := self._database.write(lambda it: _reserve_key(it, upload)):
            return answered
        try:
            submission = self._accept(upload)
        except BaseException:
            self._database.write(lambda it: _drop_key(it, upload))
            raise
        if submission.duplicate:
            self._database.write(lambda it: _fill_key(it, upload, submission.task_id))
        return submission

    def _accept(self, upload: Upload) -> Submission:
        known = None if upload.allow_duplicate else self._database.read(lambda it: _by_content(it, upload))
        return known or self._take_in(upload)

    def task_of_key(self, owner: str, idempotency_key: str) -> str | None:
        """See `TaskService.task_of_key`."""
        keys = idempotency_keys.c
        query = sa.select(keys.task_id).where(keys.owner == owner, keys.key == idempotency_key)
        return self._database.read(lambda connection: connection.scalar(query))

    def _take_in(self, upload: Upload) -> Submission:
        if not self.has_room():
            raise DiskFull("The disk is nearly full; delete some films and try again.")
        self._database.read(lambda connection: self._limits.check(connection, upload.owner))
        task_id = str(uuid.uuid4())
        submission = Submission(task_id=task_id, duplicate=True)
        try:
            photo = self._decode(upload, f"tasks/{task_id}/1/upload/photo.jpg")
            submission = self._database.write(lambda connection: self._enter(connection, upload, task_id, photo))
        finally:
            # Another request with the same bytes came first, or the row could not be written.
            if submission.duplicate:
                self._store.delete_prefix(f"tasks/{task_id}")
        return submission

    def _decode(self, upload: Upload, key: str) -> Photo:
        def decode() -> Photo:
            with self._store.create(key, content_type="image/jpeg") as draft:
                photo = self._subprocesses.run(
                    DECODER, upload.path, str(draft), key, upload.content_hash, limits=_DECODING
                )
            assert isinstance(photo, Photo)
            return photo

        try:
            return retry(
                decode,
                attempts=_DECODING_ATTEMPTS,
                # The photo used less CPU than it may: the machine has no time, and a second try would take more.
                retry_if=lambda error: isinstance(error, SubprocessFailed) and error.code != _TOO_LONG,
                pause_seconds=lambda failures, error: 0.0,
            )
        except SubprocessFailed as error:
            if error.code == _TOO_LONG:
                raise ServiceBusy("The photo could not be read in time; send it again in a minute.") from error
            raise InvalidPhoto("The photo cannot be read; send another one.", code="photo_unreadable") from error

    def _enter(self, connection: sa.Connection, upload: Upload, task_id: str, photo: Photo) -> Submission:
        # Two nodes that are sent the same bytes at the same moment must not both find nothing.
        take_turn(connection, f"submissions of {upload.owner}")
        if known := _by_content(connection, upload):
            return known
        attempts.create(
            connection,
            self._engine.enqueue,
            task_id=task_id,
            owner=upload.owner,
            photo=photo,
            options=upload.options,
            upload_name=upload.filename,
            callback_url=upload.callback_url,
        )
        # The key names the task in the same transaction: a request that is sent again never makes a second one.
        if upload.idempotency_key:
            _fill_key(connection, upload, task_id)
        return Submission(task_id=task_id)

    def has_room(self) -> bool:
        """Whether the disks of the data folder and of the store take more films."""
        rooms = (shutil.disk_usage(self._data_folder).free, self._store.free_bytes())
        return all(room is None or room >= self._least_free_bytes for room in rooms)


def _reserve_key(connection: sa.Connection, upload: Upload) -> Submission | None:
    """Take the upload's idempotency key, or give the answer that was given to it before.

    Raises `TaskConflict` while another request with it is being answered, and `InvalidOption` for another photo.
    """
    take_turn(connection, f"submissions of {upload.owner}")
    keys, at = idempotency_keys.c, task_table.now()
    mine = sa.and_(keys.owner == upload.owner, keys.key == upload.idempotency_key)
    outlived = sa.or_(keys.at < at - KEY_KEPT_FOR, sa.and_(keys.task_id == "", keys.at < at - _ANSWERED_WITHIN))
    connection.execute(sa.delete(idempotency_keys).where(mine, outlived))
    row = connection.execute(sa.select(idempotency_keys).where(mine)).one_or_none()
    if row is None:
        values = {"owner": upload.owner, "key": upload.idempotency_key, "body_hash": _body_hash(upload)}
        connection.execute(sa.insert(idempotency_keys).values(**values, task_id="", at=at))
        return None
    if row.body_hash != _body_hash(upload):
        raise InvalidOption(
            "This Idempotency-Key was used for another request; use a new key for every photo.",
            code="idempotency_key_reused",
        )
    if not row.task_id:
        raise TaskConflict(
            "A request with this Idempotency-Key is still being answered; wait for it.",
            code="idempotency_key_in_flight",
            retryable=True,
        )
    return Submission(task_id=row.task_id, duplicate=True)


def _fill_key(connection: sa.Connection, upload: Upload, task_id: str) -> None:
    connection.execute(sa.update(idempotency_keys).where(_in_flight(upload)).values(task_id=task_id))


def _drop_key(connection: sa.Connection, upload: Upload) -> None:
    connection.execute(sa.delete(idempotency_keys).where(_in_flight(upload)))


def _in_flight(upload: Upload) -> sa.ColumnElement[bool]:
    keys = idempotency_keys.c
    return sa.and_(keys.owner == upload.owner, keys.key == upload.idempotency_key, keys.task_id == "")


def _by_content(connection: sa.Connection, upload: Upload) -> Submission | None:
    if upload.allow_duplicate:
        return None
    table, sent = tables.attempts.c, tables.attempts.alias().c
    task_id = connection.scalar(
        sa.select(tasks.c.task_id)
        .where(
            tasks.c.owner == upload.owner,
            tasks.c.content_hash == upload.content_hash,
            tasks.c.made_from == "",
            tasks.c.callback_url == upload.callback_url,
            tasks.c.created_at > task_table.now() - _SAME_PHOTO_WITHIN,
            # The first attempt has the options as they were sent; a retry may have changed the composer since.
            sa.exists().where(sent.task_id == tasks.c.task_id, sent.attempt == 1, sent.options == upload.options),
            # Who sends a photo again after a failure or a cancel wants another try.
            sa.exists().where(
                table.task_id == tasks.c.task_id,
                table.shown,
                table.status.notin_((Status.ERROR.value, Status.CANCELLED.value)),
            ),
        )
        .order_by(tasks.c.created_at.desc())
        .limit(1)
    )
    return Submission(task_id=task_id, duplicate=True) if task_id else None


def _body_hash(upload: Upload) -> str:
    told = (upload.callback_url,) if upload.callback_url not in {"", DEFAULT} else ()
    return hashlib.sha256(serialization.dumps((upload.content_hash, upload.options, *told))).hexdigest()
