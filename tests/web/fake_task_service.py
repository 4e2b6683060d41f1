"""A task service in memory, so that the web can be tested alone; `tests/contract/test_task_service.py` checks it."""

from __future__ import annotations

import io
import re
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import paint
from tests.web.fake_access import FakeEndedSessions, FakeShareLinks

from auratune.core.errors import InvalidOption, TaskConflict, TaskExpired, TaskNotFound
from auratune.core.task import (
    Counts,
    Stage,
    Status,
    Submission,
    Task,
    TaskDetails,
    TaskEvent,
    TaskFilter,
    TaskPage,
    Upload,
)
from auratune.tasks.database import Database
from auratune.tasks.notifications import EventWatch
from auratune.vision.decode import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.options import Options
    from auratune.core.ports import ObjectStore

_POSTER = io.BytesIO()
paint(48, 64).save(_POSTER, "JPEG")
DAWN = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

_DONE: dict[str, Any] = {
    "status": Status.DONE, "stage": Stage.FINISHED, "progress": 100, "message": "Your film is ready."
}  # fmt: skip


ALL = TaskFilter()


class FakeTaskService:
    """What `TaskService` promises, in a dictionary."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.shared = None
        self.share_links = FakeShareLinks(self)
        self.sessions = FakeEndedSessions()
        self.tasks: dict[str, Task] = {}
        self.events: list[TaskEvent] = []
        self.uploads: list[Upload] = []
        self.keys: dict[tuple[str, str], tuple[str, Options, str]] = {}
        self.expired: set[str] = set()
        self.remade: list[Options] = []
        self.callback_urls: list[str] = []
        self.results: dict[str, dict[str, Any]] = {}
        """What stages left behind, by task id: `scene`, `treatment`, `beats`, `storyboard`."""
        self.retried_with = ""
        self.asked_for_events = 0
        self.can_work = True
        self.breaks = False
        self._lock = threading.Lock()

    # ── what the web calls ──

    def submit(self, upload: Upload) -> Submission:
        try:
            return self._submit(upload)
        finally:
            Path(upload.path).unlink(missing_ok=True)

    def _submit(self, upload: Upload) -> Submission:
        known = self.keys.get((upload.owner, upload.idempotency_key))
        if upload.idempotency_key and known:
            if known[:2] != (upload.content_hash, upload.options):
                raise InvalidOption("This Idempotency-Key was used before.", code="idempotency_key_reused")
            return Submission(task_id=known[2], duplicate=True)
        for task in self.tasks.values():
            same = (task.owner, task.photo.content_hash) == (upload.owner, upload.content_hash)
            if same and task.options == upload.options and not upload.allow_duplicate:
                return Submission(task_id=task.task_id, duplicate=True)
        task_id = str(uuid.uuid4())
        key = f"photos/{task_id}.jpg"
        with self.store.create(key, content_type="image/jpeg") as draft:
            photo = normalise(upload.path, str(draft), key, upload.content_hash)
        self.uploads.append(upload)
        self.keys[upload.owner, upload.idempotency_key] = (upload.content_hash, upload.options, task_id)
        now = DAWN + timedelta(seconds=len(self.tasks))
        self.tasks[task_id] = Task(
            task_id=task_id,
            owner=upload.owner,
            status=Status.UPLOADED,
            stage=Stage.QUEUED,
            progress=0,
            message="Waiting for its turn",
            created_at=now,
            modified_at=now,
            filename="A film.mp4",
            photo=photo,
            options=upload.options,
        )
        self._tell(task_id)
        return Submission(task_id=task_id)

    def task_of_key(self, owner: str, idempotency_key: str) -> str | None:
        known = self.keys.get((owner, idempotency_key))
        return known[2] if known else None

    def find(self, task_id: str, owner: str) -> Task:
        if self.breaks:
            raise RuntimeError("/srv/secret/path: the disk is on fire")
        task = self.tasks.get(task_id)
        if task is None or task.owner != owner:
            raise TaskNotFound("There is no such task.")
        return task

    def details(self, task_id: str, owner: str) -> TaskDetails:
        task = self.find(task_id, owner)
        return TaskDetails(
            task=task,
            events=self.events_after(0, owner, task_id),
            stage_seconds={"observe": 0.5},
            **self.results.get(task_id, {}),
        )

    def page(self, owner: str, which: TaskFilter = ALL, *, limit: int = 50, cursor: str = "") -> TaskPage:
        mine = [task for task in reversed(self.tasks.values()) if task.owner == owner]
        found = [task for task in mine if _matches(task, which)]
        start = int(cursor or 0)
        return TaskPage(
            tasks=tuple(found[start : start + limit]),
            total_count=len(found),
            total_bytes=sum(task.size_bytes for task in found),
            oldest_at=min((task.created_at for task in found), default=None),
            next_cursor=str(start + limit) if start + limit < len(found) else "",
        )

    def cancel(self, task_id: str, owner: str) -> Task:
        task = self.find(task_id, owner)
        if task.status is Status.CANCELLED:
            return task
        if task.status.is_final:
            raise TaskConflict("This film has ended already.", code="task_already_ended")
        if task.first_cut:
            return self.change(task_id, **_DONE, first_cut=False)
        return self.change(task_id, status=Status.CANCELLED, message="Stopped")

    def retry(self, task_id: str, owner: str, *, music: str = "") -> Task:
        if self.find(task_id, owner).status is Status.DONE and not music:
            raise TaskConflict("This film is finished already.", code="task_already_done")
        self.retried_with = music
        return self.change(task_id, status=Status.UPLOADED, stage=Stage.QUEUED, progress=0, message="Trying again")

    def remake(self, task_id: str, owner: str, options: Options, *, callback_url: str = "") -> Submission:
        task = self.find(task_id, owner)
        self.remade.append(options)
        self.callback_urls.append(callback_url)
        fresh = str(uuid.uuid4())
        self.tasks[fresh] = replace(
            task,
            task_id=fresh,
            options=options,
            made_from=task.made_from or task_id,
            status=Status.UPLOADED,
            stage=Stage.QUEUED,
            progress=0,
        )
        self._tell(fresh)
        return Submission(task_id=fresh)

    def delete(self, task_id: str, owner: str) -> None:
        self.find(task_id, owner)
        del self.tasks[task_id]

    def film_key(self, task_id: str, owner: str, kind: str) -> str:
        task = self.find(task_id, owner)
        if task_id in self.expired:
            raise TaskExpired("This film was removed after its time.")
        if task.status is not Status.DONE and not task.first_cut:
            raise TaskConflict("This film is not finished.", code="task_not_finished")
        endings = {"film": ".mp4", "poster": ".jpg", "soundtrack": ".mp3", "captions": ".vtt", "lrc": ".lrc"}
        key = f"output/{task_id}{endings[kind]}"
        if not self.store.exists(key):
            raise TaskNotFound(f"This film has no {kind}.", code="not_available")
        return key

    def counts(self) -> Counts:
        active = sum(not task.status.is_final for task in self.tasks.values())
        return Counts(total=len(self.tasks), active=active, queued=0)

    def live_workers(self) -> int:
        return 3

    def last_event(self) -> int:
        return self.events[-1].sequence if self.events else 0

    def events_after(
        self, sequence: int, owner: str = "", task_id: str = "", limit: int = 500
    ) -> tuple[TaskEvent, ...]:
        self.asked_for_events += 1
        found = [
            event
            for event in self.events
            if event.sequence > sequence and owner in {"", event.owner} and task_id in {"", event.task_id}
        ]
        return tuple(found[:limit])

    def watch_events(self, on_events: Callable[[], None]) -> EventWatch:
        return EventWatch(Database(Path()), on_events)  # of SQLite, which tells nobody: the hub asks

    def health(self) -> dict[str, object]:
        return {"database": "ok", "engine": "running" if self.can_work else "stopped", "can_work": self.can_work}

    # ── what a test calls ──

    def change(self, task_id: str, **changes: Any) -> Task:
        self.tasks[task_id] = replace(self.tasks[task_id], **changes)
        self._tell(task_id)
        return self.tasks[task_id]

    def multiply(self, task_id: str, count: int) -> None:
        """Add copies of a task, older ones first, without telling anybody."""
        for number in range(count):
            fresh = str(uuid.uuid4())
            later = DAWN + timedelta(minutes=number + 1)
            self.tasks[fresh] = replace(self.tasks[task_id], task_id=fresh, created_at=later, modified_at=later)

    def finish(self, task_id: str, film: bytes = b"film" * 1000, **changes: Any) -> Task:
        return self._show(task_id, film, **{**_DONE, **changes})

    def show_first_cut(self, task_id: str, film: bytes) -> Task:
        return self._show(task_id, film, first_cut=True, message="A first cut can be watched")

    def _show(self, task_id: str, film: bytes, **changes: Any) -> Task:
        for ending, data in ((".mp4", film), (".jpg", _POSTER.getvalue()), (".vtt", b"WEBVTT\n")):
            key = f"output/{task_id}{ending}"
            self.store.delete(key)
            with self.store.create(key, content_type="") as draft:
                draft.write_bytes(data)
        return self.change(task_id, **{"size_bytes": len(film), "checksum": "ab" * 32, **changes})

    def _tell(self, task_id: str) -> None:
        task = self.tasks[task_id]
        with self._lock:
            self.events.append(
                TaskEvent(
                    sequence=len(self.events) + 1,
                    task_id=task_id,
                    owner=task.owner,
                    at=DAWN,
                    status=task.status,
                    stage=task.stage,
                    progress=task.progress,
                    message=task.message,
                )
            )


def _matches(task: Task, which: TaskFilter) -> bool:
    if which.month and not re.fullmatch(r"\d{4}-\d\d", which.month):
        raise InvalidOption("`month` must be a year and a month, such as `2026-05`.")
    return (
        which.status in {"", task.status}
        and which.query.lower() in task.title.lower()
        and which.look in task.style
        and which.maker in {"", task.words_by, task.music_by}
        and which.month in {"", f"{task.created_at:%Y-%m}"}
        and which.origin in {"", task.task_id, task.made_from}
    )
