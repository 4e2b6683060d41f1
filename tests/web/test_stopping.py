"""A service that is asked to stop does so at once and in good order, though clients still listen."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from tests.pipeline.service import RunningService
from tests.waiting import DEADLINE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path


def test_open_event_streams_do_not_hold_up_a_stop(tmp_path: Path) -> None:
    service = RunningService(tmp_path)
    service.start()
    lines = [http.client.HTTPConnection("127.0.0.1", service.port, timeout=DEADLINE_SECONDS) for _ in range(3)]
    try:
        for line in lines:
            line.request("GET", "/events")
            assert line.getresponse().status == 200
        assert service.process is not None
        service.process.terminate()
        assert service.process.wait(DEADLINE_SECONDS) == 0
        # The last connection to the database was closed, and with it all of the service.
        assert list(tmp_path.rglob("auratune.db"))
        assert not list(tmp_path.rglob("auratune.db-wal"))
        # A server that did not end the streams itself waits for them for its whole grace time, and says so.
        assert "timeout graceful shutdown exceeded" not in service.log.read_text()
    finally:
        for line in lines:
            line.close()
        service.stop()
