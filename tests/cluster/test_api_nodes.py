"""Two API nodes on one Postgres behave as one: keys, limits, idempotency keys and cancels hold on both."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.backends import Backend, open_backend
from tests.recovery.quick_providers import Behaviour, quick_service
from tests.unit.tasks.conftest import _decode_at_once
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.conftest import jpeg, running

from auratune.core.task import Stage
from auratune.settings import Settings
from auratune.subprocesses import SubprocessPool
from auratune.tasks.database import Database
from auratune.tasks.schema.upgrade import upgrade
from auratune.tasks.shared_state import SharedState, forget_counters
from auratune.tasks.workers import Membership
from auratune.telemetry import Telemetry
from auratune.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auratune.tasks.service import TaskService

KEYS = "alice:secret-a"
ALICE = {"authorization": "Bearer secret-a"}
PHOTO = {"content-type": "image/jpeg"}
WRONG_KEYS_PER_MINUTE = 20


@dataclass
class Node:
    """What the application is built from."""

    settings: Settings
    store: Any
    tasks: TaskService
    telemetry: Telemetry


class Cluster:
    """API nodes with folders of their own on one database and one bucket, and workers when a test asks for them."""

    def __init__(self, backend: Backend, folder: Path, stack: contextlib.ExitStack) -> None:
        self.backend, self._folder, self._stack = backend, folder, stack

    def node(self, name: str, **choices: Any) -> httpx2.Client:
        settings = Settings(_env_file=None, temp_dir=self._folder / name, **choices)
        tasks = self._service(name, Behaviour(), "api")
        app = create_app(Node(settings, self.backend.store(), tasks, Telemetry()))  # type: ignore[arg-type]
        port = self._stack.enter_context(running(app))
        client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_SECONDS)
        return self._stack.enter_context(client)

    def worker(self, behaviour: Behaviour) -> TaskService:
        return self._service("worker", behaviour, "worker")

    def _service(self, name: str, behaviour: Behaviour, role: Any) -> TaskService:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        place = {"store": self.backend.store(), "database_url": self.backend.database_url}
        service = quick_service(folder, behaviour, membership=Membership(role), **place)
        service.start()
        self._stack.callback(service.close)
        return service


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(SubprocessPool, "run", _decode_at_once)
    with contextlib.ExitStack() as stack:
        yield Cluster(open_backend("cluster", tmp_path / "unused"), tmp_path, stack)


def test_a_session_and_a_share_link_made_at_one_node_hold_at_the_other(cluster: Cluster) -> None:
    one, other = (cluster.node(name, auratune_api_keys=KEYS) for name in ("one", "other"))
    signed_in = one.post("/session", json={"key": "secret-a"})
    cookie = {"cookie": signed_in.headers["set-cookie"].partition(";")[0]}
    assert other.get("/photos", headers=cookie).status_code == 200
    task_id = one.post("/photos", content=jpeg(), headers={**ALICE, **PHOTO}).json()["task_id"]
    link = one.post(f"/photos/{task_id}/share", headers=ALICE).json()["url"]
    assert other.get(f"/s/{link.rpartition('/')[2]}").status_code == 200
    # What is ended at one node is dead at the other.
    assert one.delete("/session", headers=cookie).status_code == 204
    assert other.get("/photos", headers=cookie).status_code == 401
    assert one.delete(f"/photos/{task_id}/shares", headers=ALICE).status_code == 204
    assert other.get(f"/s/{link.rpartition('/')[2]}").status_code == 410


def test_the_key_that_the_service_makes_for_itself_is_the_same_on_every_node(
    cluster: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    one, other = (cluster.node(name, host="0.0.0.0") for name in ("one", "other"))
    printed = {line.partition("#key=")[2].split()[0] for line in capfd.readouterr().err.splitlines() if "#key=" in line}
    assert len(printed) == 1
    for node in (one, other):
        assert node.get("/photos", headers={"x-api-key": next(iter(printed))}).status_code == 200


def test_wrong_keys_counted_at_one_node_limit_at_the_other(cluster: Cluster) -> None:
    one, other = (cluster.node(name, auratune_api_keys=KEYS) for name in ("one", "other"))
    wrong = {"authorization": "Bearer wrong"}
    for number in range(WRONG_KEYS_PER_MINUTE):
        assert (one, other)[number % 2].get("/photos", headers=wrong).status_code == 401
    limited = [node.get("/photos", headers=wrong) for node in (one, other)]
    assert [answer.status_code for answer in limited] == [429, 429]
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in limited)


def test_uploads_are_counted_over_all_nodes(cluster: Cluster) -> None:
    one, other = (cluster.node(name, auratune_api_keys=KEYS, rate_limit=2) for name in ("one", "other"))
    answers = [
        node.post("/photos", content=jpeg(seed=seed), headers={**ALICE, **PHOTO})
        for seed, node in enumerate((one, other, one, other))
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0", "r=0"]


def test_an_idempotency_key_in_flight_at_one_node_is_in_flight_at_the_other(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (cluster.node(name, auratune_api_keys=KEYS) for name in ("one", "other"))
    decoding, go_on = threading.Event(), threading.Event()

    def decode(*given: Any, **options: Any) -> Any:
        decoding.set()
        assert go_on.wait(DEADLINE_SECONDS)
        return _decode_at_once(*given, **options)

    monkeypatch.setattr(SubprocessPool, "run", decode)

    def send(node: httpx2.Client) -> httpx2.Response:
        return node.post("/photos", content=jpeg(), headers={**ALICE, **PHOTO, "idempotency-key": "a-key"})

    with ThreadPoolExecutor() as pool:
        first = pool.submit(send, one)
        try:
            assert decoding.wait(DEADLINE_SECONDS)
            early = send(other)
        finally:
            go_on.set()
        task_id = first.result().json()["task_id"]
    assert (early.status_code, early.json()["code"]) == (409, "idempotency_key_in_flight")
    assert send(other).json()["task_id"] == task_id


def test_a_cancel_at_one_node_ends_the_run_of_a_worker(cluster: Cluster) -> None:
    one, other = (cluster.node(name, auratune_api_keys=KEYS) for name in ("one", "other"))
    analyzing = threading.Event()
    behaviour = Behaviour(
        seconds=DEADLINE_SECONDS * 4, tell=lambda stage: analyzing.set() if stage == Stage.ANALYZE else None
    )
    worker = cluster.worker(behaviour)
    task_id = one.post("/photos", content=jpeg(), headers={**ALICE, **PHOTO}).json()["task_id"]
    assert analyzing.wait(DEADLINE_SECONDS)
    cancelled = other.post(f"/photos/{task_id}/cancel", headers=ALICE)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    wait_until(lambda: not worker._runner.is_at_work_on(task_id), "the worker has let go of the task")
    assert behaviour.calls == [Stage.ANALYZE]


def test_counters_go_when_their_window_is_long_over(tmp_path: Path) -> None:
    database = Database(tmp_path, open_backend("cluster", tmp_path).database_url)
    upgrade(database)
    shared = SharedState(database)
    assert [shared.count_request("uploads", "alice", 5).requests for _ in range(7)] == [1, 2, 3, 4, 5, 6, 6]
    database.write(lambda it: forget_counters(it, datetime.now(UTC)))
    assert shared.window_of("uploads", "alice").requests == 6
    database.write(lambda it: forget_counters(it, datetime.now(UTC) + timedelta(minutes=30)))
    assert shared.window_of("uploads", "alice").requests == 0
    database.close()
