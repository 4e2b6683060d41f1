"""Suno's API as a server: one clip for each order, which streams after a while and is complete later."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told
from tests.simulators.sound import song_mp3

ROOT = "/api/v2/external/hackmit"


@dataclass(frozen=True)
class Pace:
    """How long things take at true time; `speed` divides all of it."""

    answer_seconds: float = 0.6
    streaming_after_seconds: float = 25.0
    complete_after_seconds: float = 90.0
    song_seconds: float = 150.0
    silent_seconds: float = 0.0
    """How long the song is silent at its start, within its length."""
    times_real_time: float = 2.3
    """How fast the live stream grows, in seconds of song a second."""


@dataclass
class Clip:
    id: str
    made_at: float
    body: dict[str, Any]
    outcome: str = ""
    """A fault of the clip: `never`, `error`, `moderation`."""
    faults: dict[str, str] = field(default_factory=dict)


class SunoSimulator(Simulator):
    """Counts what is paid, enforces 60 orders and 100 fetches a minute, and has bad days to order.

    Faults of routes `generate`, `clips`, `stream` and `audio`, see `faults.py`; of clips (`clip`): `never` completes,
    `error`, `moderation`, and addresses: any URL is handed out as the clip's audio address.
    """

    def __init__(
        self,
        *,
        key: str = "",
        pace: Pace | None = None,
        speed: float = 1.0,
        port: int = 0,
        orders_a_minute: int = 60,
        fetches_a_minute: int = 100,
        minute_seconds: float = 60.0,
    ) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.paid: list[dict[str, Any]] = []
        """Bodies of all orders that were accepted, and are charged for."""
        self.over_the_limit = 0
        """Requests beyond the vendor's limits."""
        self.clips: dict[str, Clip] = {}
        self._keys = (key,) if key else ()
        self._pace = pace or Pace()
        self._speed = speed
        self._song = song_mp3(
            self._pace.song_seconds - self._pace.silent_seconds, silent_seconds=self._pace.silent_seconds
        )
        self._windows = {
            "generate": (orders_a_minute, deque[float]()),
            "clips": (fetches_a_minute, deque[float]()),
        }
        self._minute_seconds = minute_seconds

    @property
    def base_url(self) -> str:
        return self.url + ROOT

    async def handle(self, asked: Asked) -> Answer:
        route = asked.path.removeprefix(ROOT).strip("/")
        if asked.path.startswith("/sound/"):
            return await self._sound(asked)
        if (asked.method, route) not in {("POST", "generate"), ("GET", "clips")}:
            return told({"detail": "Not found"}, 404)
        if not allowed(asked, "authorization", self._keys):
            return told({"detail": "Authentication required."}, 401)
        if not self._within_limit(route):
            self.over_the_limit += 1
            detail = "Hackathon generation rate limit exceeded. Please wait before generating another song."
            return told({"detail": detail}, 429)
        fault = self.faults.next(route)
        if fault and fault not in AFTER_ACCEPTANCE and (answer := await strike(fault)):
            return answer
        good = await (self._generate(asked) if route == "generate" else self._list(asked))
        return (await strike(fault, good) if good.status < 300 else None) or good

    async def _generate(self, asked: Asked) -> Answer:
        body = asked.json()
        for name, most in (("topic", 500), ("tags", 100), ("negative_tags", 100)):
            if len(body.get(name) or "") > most:
                return told({"detail": f"{name.capitalize()} too long. Please keep it under {most} characters."}, 400)
        clip = Clip(str(uuid.uuid4()), time.monotonic(), body, self.faults.next("clip"))
        self.clips[clip.id] = clip
        self.paid.append(body)
        await asyncio.sleep(self._pace.answer_seconds / self._speed)
        return told(self._view(clip, "submitted"))

    async def _list(self, asked: Asked) -> Answer:
        ids = asked.query.get("ids", "").split(",")
        return told([self._view(self.clips[one], self._status(self.clips[one])) for one in ids if one in self.clips])

    def _status(self, clip: Clip) -> str:
        age = (time.monotonic() - clip.made_at) * self._speed
        if age < min(5.0, self._pace.streaming_after_seconds / 2):
            return "submitted"
        if age < self._pace.streaming_after_seconds:
            return "queued"
        if clip.outcome in {"error", "moderation"}:
            return "error"
        return "complete" if age >= self._pace.complete_after_seconds and clip.outcome != "never" else "streaming"

    def _view(self, clip: Clip, status: str) -> dict[str, Any]:
        about: dict[str, Any] = {
            "tags": clip.body.get("tags"),
            "prompt": clip.body.get("prompt", ""),
            "gpt_description_prompt": None,
            "type": "gen",
        }
        view = {"id": clip.id, "request_id": clip.id, "created_at": "2026-11-22T12:00:00Z", "status": status}
        view |= {"title": "" if status in {"submitted", "queued"} else "A simulated song", "metadata": about}
        if status == "error":
            kind = "moderation_failure" if clip.outcome == "moderation" else "generation_failed"
            about |= {"error_type": kind, "error_message": "The song could not be made."}
        if status in {"streaming", "complete"}:
            kind = "live" if status == "streaming" else "whole"
            view["audio_url"] = clip.outcome if "://" in clip.outcome else f"{self.url}/sound/{kind}/{clip.id}.mp3"
        if status == "complete":
            about["duration"] = self._pace.song_seconds
        return view

    async def _sound(self, asked: Asked) -> Answer:
        kind, _, name = asked.path.removeprefix("/sound/").partition("/")
        clip = self.clips.get(name.removesuffix(".mp3"))
        if clip is None:
            return told({"detail": "Not found"}, 404)
        fault = self.faults.next("stream" if kind == "live" else "audio")
        if fault and (answer := await strike(fault, Answer(200, self._song, kind="audio/mpeg"))):
            return answer
        start = _start_of(asked)
        headers = {"Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self._song) - 1}/{len(self._song)}"
        status = 206 if start else 200
        if kind == "live":
            return Answer(status, self._live(clip, start, fault), kind="audio/mpeg")
        song = self._song[: len(self._song) // 10] if fault == "truncated" else self._song
        return Answer(status, song[start:], kind="audio/mpeg", headers=headers)

    async def _live(self, clip: Clip, start: int, fault: str) -> AsyncIterator[bytes]:
        """The song as far as it has grown, and what grows while it is being read."""
        rate = len(self._song) / self._pace.song_seconds * self._pace.times_real_time * self._speed
        began = clip.made_at + self._pace.streaming_after_seconds / self._speed
        # However late the stream is asked for, and however much there is by then, it breaks at the same place.
        most = min(len(self._song), start + 100_000) if fault in {"drop", "stall"} else len(self._song)
        sent = start
        while sent < len(self._song):
            grown = min(most, int((time.monotonic() - began) * rate))
            if grown > sent:
                yield self._song[sent:grown]
                sent = grown
            if sent == most < len(self._song):
                if fault == "drop":
                    raise ConnectionResetError
                await asyncio.sleep(3600)
            await asyncio.sleep(min(0.1, 0.5 / self._speed))

    def _within_limit(self, route: str) -> bool:
        most, window = self._windows[route]
        now = time.monotonic()
        while window and window[0] <= now - self._minute_seconds:
            window.popleft()
        if len(window) >= most:
            return False
        window.append(now)
        return True


def _start_of(asked: Asked) -> int:
    told_range = asked.headers.get("range", "")
    return int(told_range.removeprefix("bytes=").partition("-")[0] or 0) if told_range.startswith("bytes=") else 0
