"""Watching Suno's clips: one poll for all who wait, within the vendor's limits."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auratune.core.errors import ProviderBusy, ProviderError, ProviderRefused
from auratune.providers.http import timed_out
from auratune.providers.suno import SUNO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.context import StageContext

POLL_SECONDS = 5.0
"""Suno asks for 5 to 10 s between polls; at 5 s, all the waiting tasks of a node cost 12 requests a minute."""
MOST_CLIPS_A_POLL = 200
"""200 ids make a request line of 7.4 kB; many servers and CDNs end at 8 kB."""
_MOST_BACKOFF = 8
_PATIENCE_WITH_REFUSALS = 3
_GLANCE_SECONDS = 0.25
_LONGEST_SECONDS = 86_400
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clip:
    """What Suno tells of a song in the making; texts are bounded, missing ones empty."""

    id: str
    status: str
    """`submitted`, `queued`, `streaming`, `complete` or `error`."""
    audio_url: str = ""
    duration_seconds: float | None = None
    error_type: str = ""

    @classmethod
    def read(cls, plain: Any) -> Clip | None:
        """A clip from the API's JSON; None when it is not one."""
        if not isinstance(plain, dict) or not isinstance(plain.get("id"), str):
            return None
        metadata = plain.get("metadata")
        about: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
        return cls(
            id=plain["id"][:64],
            status=_text(plain.get("status")),
            audio_url=_text(plain.get("audio_url"), 4096),
            duration_seconds=_seconds(about.get("duration")),
            error_type=_text(about.get("error_type")),
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in {"complete", "error"}


class ClipWatch:
    """One shared poller: a thread that lives while someone waits, and merges all ids into one request at a time."""

    def __init__(
        self,
        fetch: Callable[[tuple[str, ...]], list[Clip]],
        *,
        poll_seconds: float = POLL_SECONDS,
        allowance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`fetch` asks for clips; `allowance` takes a request from the shared budget: 0.0, or seconds to wait."""
        self._fetch = fetch
        self._allowance = allowance
        self._poll_seconds = poll_seconds
        self._changed = threading.Condition()
        self._waiting: dict[str, int] = {}
        self._latest: dict[str, Clip] = {}
        self._refused: ProviderRefused | None = None
        self._next_poll_at = 0.0
        self._thread: threading.Thread | None = None

    def wait(
        self,
        context: StageContext,
        clip_id: str,
        accept: Callable[[Clip], bool],
        *,
        deadline_seconds: float,
        note: str = "",
    ) -> Clip:
        """Wait until `accept` likes the clip.

        Raises `ProviderBusy` (`provider_timed_out`) after the deadline, `ProviderRefused` when Suno keeps refusing
        the key, and `TaskCancelled`. Faults of single polls are waited out.
        """
        ends = time.monotonic() + deadline_seconds
        with self._waiting_for(clip_id):
            while True:
                with self._changed:
                    clip = self._latest.get(clip_id)
                    if clip and accept(clip):
                        return clip
                    if self._refused:
                        raise self._refused
                    self._changed.wait(_GLANCE_SECONDS)
                if time.monotonic() >= ends:
                    raise timed_out(SUNO)
                context.report(None, note)

    @contextmanager
    def _waiting_for(self, clip_id: str) -> Iterator[None]:
        with self._changed:
            self._waiting[clip_id] = self._waiting.get(clip_id, 0) + 1
            if self._thread is None:
                self._refused = None
                self._thread = threading.Thread(target=self._poll, daemon=True, name="suno-clips")
                self._thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._waiting[clip_id] -= 1
                if not self._waiting[clip_id]:
                    del self._waiting[clip_id]
                    self._latest.pop(clip_id, None)
                self._changed.notify_all()

    def _poll(self) -> None:
        faults = refusals = 0
        while self._until_due():
            ids = self._next_ids()
            if not ids:
                continue
            pause = self._poll_seconds
            try:
                clips = self._fetch(ids)
            except ProviderError as error:
                faults += 1
                refusals += isinstance(error, ProviderRefused)
                told = error.retry_after_seconds or 0.0
                pause = max(told, self._poll_seconds * min(_MOST_BACKOFF, 2**faults))
                if isinstance(error, ProviderRefused) and refusals >= _PATIENCE_WITH_REFUSALS:
                    self._give_up(error)
            except Exception:  # noqa: BLE001 -- a surprise must not end the poll that all tasks hang on
                faults += 1
                _log.exception("The poll for Suno's clips failed")
                pause = self._poll_seconds * min(_MOST_BACKOFF, 2**faults)
            else:
                faults = refusals = 0
                self._note(clips)
            self._next_poll_at = time.monotonic() + pause

    def _until_due(self) -> bool:
        """Sleep until the next poll may be made; False, and the thread ends, when nobody waits any more."""
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    return False
                left = self._next_poll_at - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
            try:
                left = self._allowance()
            except Exception:  # noqa: BLE001 -- the budget is a courtesy; the vendor's own limit still holds
                _log.exception("The shared budget could not be asked")
                return True
            if left <= 0:
                return True
            self._next_poll_at = time.monotonic() + left

    def _next_ids(self) -> tuple[str, ...]:
        with self._changed:
            ids = tuple(self._waiting)[:MOST_CLIPS_A_POLL]
            for clip_id in ids:  # to the end of the line, so that more than one request's worth take turns
                self._waiting[clip_id] = self._waiting.pop(clip_id)
            return ids

    def _note(self, clips: list[Clip]) -> None:
        with self._changed:
            self._latest |= {clip.id: clip for clip in clips if clip.id in self._waiting}
            self._changed.notify_all()

    def _give_up(self, refusal: ProviderRefused) -> None:
        with self._changed:
            self._refused = refusal
            self._changed.notify_all()


def failed(clip: Clip) -> ProviderError:
    """The error for a clip that Suno could not make."""
    kind = clip.error_type if clip.error_type.replace("_", "").isalnum() else "unknown"
    if "moderat" in kind or "policy" in kind:
        return ProviderRefused(
            f"Suno declined to make the song ({kind}).", provider="suno", code="provider_content_refused"
        )
    return ProviderBusy(
        f"Suno could not make the song ({kind}).", provider="suno", code="provider_song_failed", retryable=False
    )


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < _LONGEST_SECONDS else None


def _text(value: Any, longest: int = 64) -> str:
    return value[:longest] if isinstance(value, str) else ""
