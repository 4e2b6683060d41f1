"""From core values to responses. Never a store key, a server path or a location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from auratune.core.options import FilmFormat
from auratune.core.task import Status
from auratune.web.schemas import (
    DeliveryResponse,
    DetailsResponse,
    EventResponse,
    LibraryEntry,
    LibraryPage,
    ReceiptLine,
    StatusResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.options import Options
    from auratune.core.task import Task, TaskDetails, TaskEvent, TaskPage, WebhookDelivery

_MEGABYTE = 1024 * 1024
_LINE_CHARACTERS = 40
_SHARED_FIELDS = (
    "task_id", "status", "progress", "stage", "message", "error_message", "eta_seconds", "title", "caption", "lyrics",
    "filename", "file_size", "file_size_mb", "created_at", "modified_at", "duration_seconds", "width", "height",
    "words_by", "music_by", "notices", "retryable", "first_cut",
)  # fmt: skip


def status_response(task: Task) -> StatusResponse:
    """How far a task is."""
    return StatusResponse(
        task_id=task.task_id,
        status=task.status.value,
        progress=task.progress,
        message=task.message,
        error_message=task.error_message or None,
        stage=task.stage.value,
        error_code=task.error_code or None,
        retryable=task.retryable,
        eta_seconds=task.eta_seconds,
        notices=list(task.notices),
        updated_at=task.modified_at,
        first_cut=task.first_cut,
    )


def status_line(task: Task) -> str:
    """How far a task is, in at most 40 characters."""
    words = {
        Status.DONE: f"Ready: {task.title or 'your film'}",
        Status.ERROR: f"Failed: {task.error_message or 'no film'}",
        Status.CANCELLED: "Stopped",
    }.get(task.status)
    if words is None:
        eta = f", {task.eta_seconds:.0f} s left" if task.eta_seconds is not None else ""
        told = "A first cut can be watched" if task.first_cut else task.message
        words = f"{task.progress}% {told[: _LINE_CHARACTERS - 5 - len(eta)]}{eta}"
    return words if len(words) <= _LINE_CHARACTERS else f"{words[: _LINE_CHARACTERS - 1]}…"


def library_entry(task: Task, share_url: str) -> LibraryEntry:
    """A task as the library shows it."""
    return LibraryEntry(**_entry(task, share_url))


def library_page(page: TaskPage, share_url: Callable[[Task], str]) -> LibraryPage:
    """A page of the library."""
    return LibraryPage(
        videos=[library_entry(task, share_url(task)) for task in page.tasks],
        total_count=page.total_count,
        total_size_mb=_megabytes(page.total_bytes),
        oldest_at=page.oldest_at,
        next=page.next_cursor or None,
    )


def details_response(details: TaskDetails, share_url: str, preview_url: str | None) -> DetailsResponse:
    """Everything about a task."""
    base = f"/photos/{details.task.task_id}"
    return DetailsResponse(
        **_entry(details.task, share_url),
        soundtrack_url=f"{base}/soundtrack",
        captions_url=f"{base}/captions.vtt",
        events_url=f"{base}/events",
        preview_url=preview_url,
        options=_options(details.task.options),
        scene=_without(_plain(details.scene), "draft", "detail"),
        treatment=_plain(details.treatment),
        beats=_plain(details.beats),
        storyboard=_plain(details.storyboard),
        timings=details.stage_seconds,
        events=[event_response(event) for event in details.events],
        deliveries=[_delivery(delivery) for delivery in details.deliveries],
    )


def shared_film(details: TaskDetails, base: str, preview_url: str | None) -> dict[str, Any]:
    """What whoever has a share link may see: the film and how it is made; no owner, options, costs or photo facts."""
    entry = _entry(details.task, "")
    shown = {name: entry[name] for name in _SHARED_FIELDS}
    scene = _plain(details.scene) or {}
    return {
        **shown,
        "download_url": f"{base}/film.mp4",
        "poster_url": f"{base}/poster.jpg",
        "captions_url": f"{base}/captions.vtt",
        "preview_url": preview_url,
        "scene": {name: scene.get(name) for name in ("palette", "mood")} if scene else None,
        "treatment": None,
        "beats": _plain(details.beats),
        "storyboard": _plain(details.storyboard),
    }


def event_response(event: TaskEvent) -> EventResponse:
    """An event without its owner."""
    return EventResponse(
        sequence=event.sequence,
        task_id=event.task_id,
        at=event.at,
        status=event.status.value,
        stage=event.stage.value,
        progress=event.progress,
        message=event.message,
    )


def _entry(task: Task, share_url: str) -> dict[str, Any]:
    base = f"/photos/{task.task_id}"
    return {
        "task_id": task.task_id,
        "filename": task.filename,
        "file_size": task.size_bytes,
        "file_size_mb": _megabytes(task.size_bytes),
        "created_at": task.created_at,
        "modified_at": task.modified_at,
        "status": task.status.value,
        "progress": task.progress,
        "stage": task.stage.value,
        "title": task.title,
        "caption": task.caption,
        "lyrics": task.lyrics,
        "style": task.style,
        "made_from": task.made_from or None,
        "first_cut": task.first_cut,
        "duration_seconds": task.duration_seconds,
        "width": task.width_px,
        "height": task.height_px,
        "words_by": task.words_by,
        "music_by": task.music_by,
        "notices": list(task.notices),
        "download_url": f"{base}/download",
        "poster_url": f"{base}/poster",
        "status_url": f"{base}/status",
        "share_url": share_url,
        "eta_seconds": task.eta_seconds,
        "receipt": [
            ReceiptLine(
                vendor=call.vendor,
                purpose=call.purpose,
                state=call.state.value,
                attempt=call.number,
                units=call.units,
                at=call.at,
            )
            for call in task.receipt
        ],
        "message": task.message,
        "error_message": task.error_message or None,
        "error_code": task.error_code or None,
        "retryable": task.retryable,
    }


def _delivery(delivery: WebhookDelivery) -> DeliveryResponse:
    return DeliveryResponse(
        webhook_id=delivery.webhook_id,
        event=delivery.event,
        state=delivery.state,
        tries=delivery.tries,
        http_status=delivery.http_status or None,
        error=delivery.error or None,
        created_at=delivery.created_at,
        next_try_at=delivery.next_try_at,
        delivered_at=delivery.delivered_at,
    )


def _options(options: Options) -> dict[str, Any]:
    form: FilmFormat = options.format
    return {
        "style": options.style,
        "title": options.title,
        "instrumental": options.instrumental,
        "music": options.music,
        "excerpt": options.excerpt,
        "aspect": form.aspect,
        "captions": form.captions,
        "fps": form.fps,
        "seconds": form.length_seconds,
        "letterbox": form.letterbox,
    }


def _plain(value: Any) -> dict[str, Any] | None:
    plain: dict[str, Any] | None = msgspec.to_builtins(value)
    return plain


def _without(plain: dict[str, Any] | None, *names: str) -> dict[str, Any] | None:
    return plain and {name: value for name, value in plain.items() if name not in names}


def _megabytes(size_bytes: int) -> float:
    return round(size_bytes / _MEGABYTE, 2)
