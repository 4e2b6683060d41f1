"""The service over real HTTP on loopback, with a task service in memory."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.conftest import paint
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.browser import open_browser
from tests.web.fake_task_service import FakeTaskService

from auratune.settings import Settings
from auratune.storage.local import LocalStore
from auratune.telemetry import Telemetry
from auratune.web.app import create_app
from auratune.web.connections import Server, server_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from auratune.core.ports import ObjectStore


@dataclass
class RunningServer:
    """A running service, and hands on both of its sides."""

    address: str
    port: int
    tasks: FakeTaskService
    folder: Path
    client: httpx2.Client
    settings: Settings
    store: ObjectStore
    telemetry: Telemetry

    def leftovers(self) -> list[Path]:
        """Files of uploads that nobody needs."""
        return list((self.folder / "incoming").glob("*"))

    def send(self, photo: bytes | None = None, **headers: str) -> httpx2.Response:
        return self.client.post("/photos", content=photo or jpeg(), headers={"content-type": "image/jpeg", **headers})

    def new_task(self, seed: int = 1, **headers: str) -> str:
        answer = self.send(jpeg(seed=seed), **headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def raw(self, request: bytes, *, wait_seconds: float = DEADLINE_SECONDS) -> bytes:
        """Speak to the service byte by byte; everything it answers until it closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_SECONDS) as line:
            line.sendall(request)
            line.settimeout(wait_seconds)
            answer = b""
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while piece := line.recv(65536):
                    answer += piece
            return answer


def jpeg(width: int = 64, height: int = 48, *, seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    paint(width, height, seed=seed).save(buffer, "JPEG")
    return buffer.getvalue()


@contextlib.contextmanager
def running(app: Any) -> Iterator[int]:
    """A server in a thread; yields its port."""
    config = server_config(app, app.state.settings, timeout_graceful_shutdown=1)
    server = Server(config)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the service has started")
    assert server.started, "the service did not start"
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        listener.close()


@contextlib.contextmanager
def opened(folder: Path, store: ObjectStore | None = None, **choices: Any) -> Iterator[RunningServer]:
    """A running service in a folder of its own."""
    settings = Settings(_env_file=None, temp_dir=folder, **choices)
    store = store or LocalStore(folder)
    server = RunningServer("", 0, FakeTaskService(store), folder, None, settings, store, Telemetry())  # type: ignore[arg-type]
    with running(create_app(server)) as server.port:  # type: ignore[arg-type]
        server.address = f"http://127.0.0.1:{server.port}"
        with httpx2.Client(base_url=server.address, timeout=DEADLINE_SECONDS) as server.client:
            yield server


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Open a service with settings of the test's own: `open_server(max_file_size=2048)`."""
    with contextlib.ExitStack() as stack:
        yield lambda **choices: stack.enter_context(opened(tmp_path / "data", **choices))


@pytest.fixture
def server(open_server: Callable[..., RunningServer]) -> RunningServer:
    return open_server()


@pytest.fixture(scope="module")
def common_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One service for many tests that leave nothing behind in it."""
    with opened(tmp_path_factory.mktemp("common"), rate_limit=100_000) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: while it is open, its thread cannot run another event loop."""
    with open_browser(is_still=True) as browser:
        yield browser
