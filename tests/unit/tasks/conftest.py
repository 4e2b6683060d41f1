"""A service with quick providers, opened for a test and closed after it."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from tests.backends import BACKENDS, Backend, copy_backend, open_backend
from tests.recovery.quick_providers import Behaviour, quick_service
from tests.waiting import DEADLINE_SECONDS, wait_until

from auratune.core.photo import Photo
from auratune.core.task import Stage, Status, Task, Upload
from auratune.subprocesses import SubprocessPool
from auratune.tasks import dispatch
from auratune.tasks.schema.tables import attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.tasks.service import TaskService

OWNER = "alice"
PLACES = ("tasks", "photos", "music", "output")


class ServiceDriver:
    """A data folder, a service on it, and photos to hand in."""

    def __init__(self, backend: Backend, draw: Callable[..., Path]) -> None:
        self.backend = backend
        self.folder = backend.data_folder
        self.behaviour = Behaviour()
        self.outcomes: list[str] = []
        self.stages: list[str] = []
        self._draw = draw
        self._service: TaskService | None = None

    @property
    def service(self) -> TaskService:
        return self._service or self.open()

    def open(self, **options: object) -> TaskService:
        self.close()
        self._service = quick_service(
            self.folder,
            self.behaviour,
            on_outcome=self.outcomes.append,
            on_stage=lambda stage, seconds: self.stages.append(stage),
            store=self.backend.store(),
            database_url=self.backend.database_url,
            **options,
        )
        self._service.start()
        return self._service

    def close(self) -> None:
        if self._service:
            self._service.close()
            self._service = None

    def upload(self, *, seed: int = 1, owner: str = OWNER, **options: object) -> Upload:
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        path = incoming / f"{time.monotonic_ns()}.part"
        path.write_bytes(self._draw(64, 48, seed=seed).read_bytes())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Upload(path=str(path), content_hash=digest, size_bytes=path.stat().st_size, owner=owner, **options)

    def submit(self, **options: object) -> str:
        return self.service.submit(self.upload(**options)).task_id

    def wait(self, task_id: str, *, owner: str = OWNER, until: Callable[[Task], bool] | None = None) -> Task:
        def there() -> Task | None:
            task = self.service.find(task_id, owner)
            return task if (until(task) if until else task.status.is_final) else None

        return wait_until(there, f"task {task_id} is as the test wants it")

    def finished(self, **options: object) -> Task:
        ended = len(self.outcomes)
        task = self.wait(self.submit(**options), owner=str(options.get("owner", OWNER)))
        assert task.status is Status.DONE, task
        # The outcome is told last, when what is not needed any more has been removed.
        wait_until(lambda: len(self.outcomes) > ended, "the outcome is told")
        return task

    def held(self, stage: Stage) -> threading.Event:
        """Let the stage begin and not end, until the event is set or its run is ended."""
        self.behaviour.held[stage] = threading.Event()
        return self.behaviour.held[stage]

    def deaf(self, stage: Stage) -> threading.Event:
        """Let the stage begin and hear nothing, not even that it is to end, until the event is set."""
        go_on = threading.Event()
        self.behaviour.tell = lambda begun: go_on.wait(DEADLINE_SECONDS) if begun == stage else None
        return go_on

    def wait_for_stage(self, stage: Stage, *, times: int = 1) -> None:
        """Wait until the stage has begun so often; its task's row says so by then."""
        wait_until(lambda: self.behaviour.count(stage) >= times, f"{stage} has begun")

    def wait_for_run(self, task_id: str) -> None:
        """Wait until no run of the task is left, however its task ended."""
        wait_until(lambda: not self.service._runner.is_at_work_on(task_id), "the run has ended")

    def workflow_id(self, task_id: str) -> str:
        """What the engine calls the latest attempt of a task."""
        table = attempts.c
        mine = sa.select(table.workflow_id).where(table.task_id == task_id).order_by(table.attempt.desc()).limit(1)
        return str(self.service._database.read(lambda it: it.scalar(mine)))

    def contents(self, task_id: str) -> dict[str, bytes]:
        """Every object of a task with its bytes."""
        store = self.backend.store()
        found: dict[str, bytes] = {}
        for info in store.objects(f"tasks/{task_id}"):
            with store.fetch(info.key) as path:
                found[info.key] = path.read_bytes()
        return found

    def names(self, task_id: str) -> set[str]:
        """What the store keeps of a task, without the folders."""
        return {name.rsplit("/", 1)[1] for name in self.files() if name.startswith(f"tasks/{task_id}/")}

    def files(self) -> set[str]:
        """Keys of all objects, and files that are on their way."""
        # Not by `rglob`, which fails when a folder goes away while it is walked.
        local = {
            (Path(folder) / name).relative_to(self.folder).as_posix()
            for folder, _, names in os.walk(self.folder)
            for name in names
            if Path(folder) != self.folder
        }
        store = self.backend.store()
        return local | {info.key for place in PLACES for info in store.objects(place)}


def _migrated(backend: Backend) -> Backend:
    service = quick_service(backend.data_folder, Behaviour(), store=backend.store(), database_url=backend.database_url)
    service.start()
    service.close()
    return backend


@pytest.fixture(scope="session")
def _fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Backend]:
    """A back end that has been through all migrations: they are tested once and copied otherwise."""
    return cache(lambda name: _migrated(open_backend(name, tmp_path_factory.mktemp("fresh"))))


def _decode_at_once(
    self: SubprocessPool, function: str, source: str, target: str, key: str, content_hash: str, **options: object
) -> Photo:
    shutil.copy(source, target)
    return Photo(key=key, width_px=64, height_px=48, content_hash=content_hash, seed=int(content_hash[:8], 16))


@pytest.fixture
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_POLL_SECONDS", 0.05)
    monkeypatch.setattr(dispatch, "_LISTENER_SECONDS", 0.05)


@pytest.fixture(params=BACKENDS)
def backend_name(request: pytest.FixtureRequest) -> str:
    """Every test of a driver runs on one machine's parts and on a cluster's."""
    return str(request.param)


@pytest.fixture
def real_driver(
    tmp_path: Path, photo_file: Callable[..., Path], _without_waiting: None, backend_name: str
) -> Iterator[ServiceDriver]:
    """A driver that starts from nothing and decodes its photos in a child process."""
    driver = ServiceDriver(open_backend(backend_name, tmp_path / "data"), photo_file)
    yield driver
    driver.close()


@pytest.fixture
def driver(
    tmp_path: Path,
    photo_file: Callable[..., Path],
    _without_waiting: None,
    backend_name: str,
    _fresh: Callable[[str], Backend],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ServiceDriver]:
    """A driver with its tables made and its photos taken as they are."""
    driver = ServiceDriver(copy_backend(_fresh(backend_name), tmp_path / "data"), photo_file)
    monkeypatch.setattr(SubprocessPool, "run", _decode_at_once)
    yield driver
    driver.close()
