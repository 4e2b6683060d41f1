"""Webhooks as this service sends them: to which addresses, with which body, signed how (standardwebhooks.com)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from auratune.core.errors import InvalidOption
from auratune.core.task import Status
from auratune.providers import ssrf_guard

if TYPE_CHECKING:
    from auratune.providers.ssrf_guard import CheckedAddress, Resolve

DEFAULT = "default"
"""Kept with a task instead of an address where the one of `WEBHOOK_URL` is meant, whatever that is by then."""
_GONE = 410
EVENT_TYPES = {Status.DONE: "film.done", Status.ERROR: "film.failed", Status.CANCELLED: "film.cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended, and where that is told; what a webhook is made of. It never changes."""

    task_id: str
    attempt: int
    callback_url: str
    ended_at: datetime
    status: Status
    title: str
    error_code: str
    error_message: str
    retryable: bool

    @property
    def webhook_id(self) -> str:
        """The same for every delivery of it, so that a receiver can tell a second one."""
        return f"film_{self.task_id}_{self.attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What the operator chose. Without a `secret` nothing is sent."""

    secret: str = ""
    """`whsec_` and 24 to 64 bytes as base64."""
    url: str = ""
    """Where the ends of films are told whose upload named no address; may be anywhere, for the operator chose it."""
    allow_private: bool = False
    """Whether an upload may name addresses of this machine and its network."""
    public_url: str = ""
    """The service's own address, for the links in a webhook; without it they begin with a slash."""
    resolve: Resolve = field(default=ssrf_guard.resolve_soon)
    pauses_seconds: tuple[float, ...] = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000)
    """After each failure the next try waits so long; together a little less than a day."""
    try_seconds: float = 10.0
    """The longest that one try may take."""
    lease_seconds: float = 60.0
    """After so long whoever began a try is taken for dead, and it is made again; longer than `try_seconds`."""

    def accept(self, callback_url: str) -> str:
        """What to keep with a task whose upload named this address, or none. Raises `InvalidOption`. Resolves names."""
        if not callback_url:
            return DEFAULT if self.secret and self.url else ""
        if not self.secret:
            raise InvalidOption(
                "`callback_url` is not to be had: this service sends no webhooks (WEBHOOK_SECRET is not set).",
                code="webhooks_off",
            )
        try:
            self.pin(callback_url)
        except ssrf_guard.UnsafeAddress:
            raise InvalidOption(
                "`callback_url` must be an https address on the public internet, whose name can be resolved.",
                code="bad_callback_url",
            ) from None
        return callback_url

    def pin(self, callback_url: str) -> CheckedAddress:
        """Where to connect to for what `accept` returned. Raises `UnsafeAddress`. Resolves names."""
        is_default = callback_url == DEFAULT
        return ssrf_guard.pin(
            self.url if is_default else callback_url,
            allow_private=self.allow_private or is_default,
            any_port=True,
            resolve=self.resolve,
        )

    def pause_after(self, number: int, status: int, asked_seconds: float) -> float | None:
        """How long to wait after failure `number` (from 1); None when there shall be no other try.

        `asked_seconds` is what the answer's Retry-After says. 410 is how a receiver says that it wants no more.
        """
        if status == _GONE or number > len(self.pauses_seconds):
            return None
        return max(self.pauses_seconds[number - 1], asked_seconds)

    def request(self, ending: Ending, at: datetime) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a delivery that is made at a moment. The body is the same at every delivery."""
        body = json.dumps(self._message(ending), ensure_ascii=False, separators=(",", ":"))
        return body.encode(), {
            "content-type": "application/json",
            "user-agent": "AuraTune",
            "webhook-id": ending.webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(ending.webhook_id, at, body),
        }

    def _message(self, ending: Ending) -> dict[str, Any]:
        base = f"{self.public_url}/photos/{ending.task_id}"
        is_done = ending.status is Status.DONE
        return {
            "type": EVENT_TYPES[ending.status],
            "timestamp": ending.ended_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {
                "task_id": ending.task_id,
                "attempt": ending.attempt,
                "status": ending.status.value,
                "title": ending.title,
                "error_code": ending.error_code or None,
                "error_message": ending.error_message or None,
                "retryable": ending.retryable,
                "status_url": f"{base}/status",
                "download_url": f"{base}/download" if is_done else None,
                "poster_url": f"{base}/poster" if is_done else None,
            },
        }
