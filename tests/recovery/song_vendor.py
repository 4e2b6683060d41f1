"""A vendor on loopback that sells songs and counts every sale: what it says is what was paid."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.simulators.suno import Pace, SunoSimulator


class SongVendor:
    """Sells at once, and answers after a while, so that a buyer can die in between."""

    kind = ""

    def __init__(self, answers_after_seconds: float = 0.1) -> None:
        self.sold: Counter[str] = Counter()
        self._lock = threading.Lock()
        vendor = self

        class Till(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                task_id = self.path.rsplit("/", 1)[-1]
                with vendor._lock:
                    vendor.sold[task_id] += 1
                    number = vendor.sold[task_id]
                time.sleep(answers_after_seconds)
                body = json.dumps({"id": f"{task_id}-{number}"}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the buyer was killed, which is the point

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Till)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class SunoVendor:
    """Suno's simulator, fast, with its sales counted by the words that were to be sung."""

    kind = "suno"

    def __init__(self, answers_after_seconds: float = 0.1) -> None:
        speed = 20.0
        pace = Pace(
            answer_seconds=answers_after_seconds * speed,
            streaming_after_seconds=4.0,
            complete_after_seconds=12.0,
            song_seconds=20.0,
        )
        self._simulator = SunoSimulator(
            key="a-key", pace=pace, speed=speed, orders_a_minute=10_000, fetches_a_minute=10_000
        )
        self._simulator.__enter__()

    @property
    def url(self) -> str:
        return self._simulator.base_url

    @property
    def sold(self) -> Counter[str]:
        return Counter(str(body["prompt"]) for body in self._simulator.paid)

    def close(self) -> None:
        self._simulator.__exit__()
