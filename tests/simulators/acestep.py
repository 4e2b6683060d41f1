"""An ACE-Step 1.5 server: songs are queued, made one after the other, and fetched from it."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from tests.simulators.faults import Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told
from tests.simulators.sound import song_mp3


class AceStepSimulator(Simulator):
    """Checks what is ordered.

    Faults of routes `release`, `query` and `audio`, see `faults.py`; of `query` also: `failed`, `forgotten` (the server
    was started again), `elsewhere` (the song is said to be on another host), `bad_result`.
    """

    def __init__(self, *, key: str = "", song_seconds: float = 10.0, speed: float = 1.0, port: int = 0) -> None:
        """`song_seconds` is how long making a song takes."""
        super().__init__(port=port)
        self.faults = Faults()
        self.paid: list[Any] = []
        """Always empty: nothing is charged for."""
        self.orders: list[dict[str, Any]] = []
        self._keys = (key,) if key else ()
        self._song_seconds = song_seconds / speed
        self._songs: dict[str, tuple[float, float]] = {}

    @property
    def base_url(self) -> str:
        return self.url

    async def handle(self, asked: Asked) -> Answer:
        if not allowed(asked, "authorization", self._keys):
            return told({"detail": "Unauthorized"}, 401)
        routes = {
            ("POST", "/release_task"): ("release", self._release),
            ("POST", "/query_result"): ("query", self._query),
            ("GET", "/v1/audio"): ("audio", self._audio),
            ("GET", "/v1/models"): ("models", self._models),
        }
        name, answer = routes.get((asked.method, asked.path), ("", None))
        if answer is None:
            return told({"detail": "Not Found"}, 404)
        fault = self.faults.next(name)
        good = answer(asked, fault)
        return await strike(fault, good) or good

    def _release(self, asked: Asked, fault: str) -> Answer:
        body = asked.json()
        fits = 10 <= body["audio_duration"] <= 600 and 30 <= body.get("bpm", 100) <= 300 and body["batch_size"] == 1
        if not fits or not body["prompt"] or not body["lyrics"] or body["use_cot_caption"] or body["use_random_seed"]:
            return told({"detail": "bad parameters"}, 400)
        self.orders.append(body)
        task_id = uuid.uuid4().hex
        self._songs[task_id] = (time.monotonic() + self._song_seconds, body["audio_duration"])
        return _wrapped({"task_id": task_id, "status": "queued", "queue_position": 1})

    def _query(self, asked: Asked, fault: str) -> Answer:
        if fault == "forgotten":
            self._songs.clear()
        entries = []
        for task_id in asked.json()["task_id_list"]:
            if task_id not in self._songs:
                continue
            ready_at, seconds = self._songs[task_id]
            status = 2 if fault == "failed" else int(time.monotonic() >= ready_at)
            host = "http://127.0.0.2:9" if fault == "elsewhere" else ""
            files = [{"file": f"{host}/v1/audio?path={task_id}", "status": status, "metas": {"duration": seconds}}]
            result = "{" if fault == "bad_result" else json.dumps(files)
            status = 1 if fault in {"elsewhere", "bad_result"} else status
            entries.append({"task_id": task_id, "status": status, "result": result})
        return _wrapped(entries)

    def _audio(self, asked: Asked, fault: str) -> Answer:
        song = self._songs.get(asked.query.get("path", ""))
        return Answer(200, song_mp3(song[1]), kind="audio/mpeg") if song else told({"detail": "Not Found"}, 404)

    def _models(self, asked: Asked, fault: str) -> Answer:
        return _wrapped([{"name": "acestep-v15-turbo"}])


def _wrapped(data: Any) -> Answer:
    return told({"data": data, "code": 200, "error": None, "timestamp": 0, "extra": None})
