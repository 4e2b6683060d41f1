"""A vendor on loopback that sells songs and counts every sale: what it says is what was paid."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class SongVendor:
    """Sells at once, and answers after a while, so that a buyer can die in between."""

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
