"""A service that is asked to stop does so at once, though clients still listen."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING

from tests.pipeline.service import RunningService

if TYPE_CHECKING:
    from pathlib import Path


def test_open_event_streams_do_not_hold_up_a_stop(tmp_path: Path) -> None:
    service = RunningService(tmp_path)
    service.start()
    lines = [http.client.HTTPConnection("127.0.0.1", service.port, timeout=20) for _ in range(3)]
    try:
        for line in lines:
            line.request("GET", "/events")
            assert line.getresponse().status == 200
        assert service.process is not None
        started = time.monotonic()
        service.process.terminate()
        service.process.wait(20)
        # Without the farewell the server waits for its whole patience, five seconds.
        assert time.monotonic() - started < 4
    finally:
        for line in lines:
            line.close()
        service.stop()
