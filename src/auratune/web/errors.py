"""Errors as HTTP: one table from class to status, and RFC 9457 problem details for every failure."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from auratune.core import errors
from auratune.telemetry import current_request_id
from auratune.web.negotiation import prefers_html
from auratune.web.pages import page_response
from auratune.web.request_errors import (
    BadBody,
    BodyStalled,
    BodyTooLarge,
    KeyNeeded,
    LinkExpired,
    LinkRevoked,
    LinkUnknown,
    NotAllowed,
    PreconditionFailed,
    TooManyRequests,
    WrongContentType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

PROBLEM = "application/problem+json"


STATUS: dict[type[errors.AuraTuneError], int] = {
    errors.AuraTuneError: 500,
    errors.InvalidPhoto: 422,
    errors.InvalidOption: 422,
    errors.InvalidSetting: 500,
    errors.ProviderError: 502,
    errors.ProviderBusy: 503,
    errors.InvalidSong: 502,
    errors.RenderError: 500,
    errors.SubprocessFailed: 503,
    errors.StorageError: 503,
    errors.ServiceBusy: 503,
    errors.QueueFull: 429,
    errors.TaskNotFound: 404,
    errors.TaskConflict: 409,
    errors.TaskExpired: 410,
    errors.TaskCancelled: 409,
    BadBody: 400,
    BodyTooLarge: 413,
    BodyStalled: 408,
    WrongContentType: 415,
    KeyNeeded: 401,
    NotAllowed: 403,
    LinkUnknown: 404,
    LinkExpired: 410,
    LinkRevoked: 410,
    TooManyRequests: 429,
    PreconditionFailed: 412,
}
"""The nearest class up the tree decides."""

STATUS_OF_CODE: dict[str, int] = {
    "photo_empty": 400,
    "photo_truncated": 400,
    "photo_unreadable": 400,
    "photo_unsupported_format": 415,
    "photo_not_an_image": 415,
    "photo_too_many_pixels": 413,
    "photo_too_small": 422,
    "photo_too_narrow": 422,
    "too_many_options": 422,
}
"""Codes that say more than their class."""

_RETRY_AFTER_SECONDS = {503: "5"}
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    416: "range_not_satisfiable",
    422: "bad_request_value",
    500: "internal_error",
}
_DETAILS = {
    404: "There is nothing at this address; /docs lists what there is.",
    405: "This address does not take that method; the Allow header lists those it takes.",
    413: "The body is larger than this route takes.",
    416: "The range lies outside the file; Content-Range tells its size.",
    500: "Something went wrong on our side. It has been logged under this request's id; try again in a moment.",
}


def problem_kinds() -> list[dict[str, Any]]:
    """Every kind of problem with its code, status and meaning, for the description of the API."""
    kinds = [
        {"code": kind.code, "status": status, "meaning": (kind.__doc__ or "").strip().splitlines()[0]}
        for kind, status in STATUS.items()
    ]
    return sorted(kinds, key=lambda kind: (kind["status"], kind["code"]))


def status_for(error: errors.AuraTuneError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(
    status: int,
    *,
    code: str = "",
    detail: str = "",
    retryable: bool = False,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """A problem response; title, code and detail have sensible words for every status."""
    code = code or _CODES.get(status, f"http_{status}")
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail or _DETAILS.get(status, f"{title}."),
        "code": code,
        "retryable": retryable,
        "request_id": current_request_id(),
        **(extra or {}),
    }
    given = dict(headers or {})
    if status in _RETRY_AFTER_SECONDS:
        given.setdefault("retry-after", _RETRY_AFTER_SECONDS[status])
    given.setdefault("cache-control", "no-store")
    return Response(msgspec.json.encode(body), status_code=status, headers=given, media_type=PROBLEM)


def problem_of(error: errors.AuraTuneError, *, task_id: str = "", extra: Mapping[str, Any] | None = None) -> Response:
    """The problem response for one of our errors."""
    status = status_for(error)
    headers = dict(getattr(error, "headers", {}))
    if error.retry_after_seconds is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_seconds)))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="AuraTune"'
    about = {"task_id": task_id} if task_id else {}
    return problem(
        status,
        code=error.code,
        detail=error.message,
        retryable=error.retryable,
        headers=headers,
        extra={**about, **getattr(error, "extra", {}), **(extra or {})},
    )


def add_error_handlers(app: FastAPI) -> None:
    """Answer every failure with problem details: our errors, the framework's, and unexpected ones."""
    app.add_exception_handler(errors.AuraTuneError, _our_error)
    app.add_exception_handler(HTTPException, _framework_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(OSError, _system_error)
    app.add_exception_handler(Exception, _unexpected)


async def _our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.AuraTuneError)
    if _is_browser(request):
        return _error_page(request, status_for(error), error.message)
    return problem_of(error, task_id=_task_id(request))


async def _framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.__cause__ is not None and isinstance(error.__cause__, errors.AuraTuneError):
        # What stopped the framework from reading the body.
        return problem_of(error.__cause__)
    if _is_browser(request):
        return _error_page(request, error.status_code, _DETAILS.get(error.status_code, ""))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(_methods_of(request))}
    return problem(error.status_code, headers=headers)


def _methods_of(request: Request) -> list[str]:
    """Every method that the address takes; the framework names those of its first route alone."""
    return [
        method
        for method in ("GET", "HEAD", "POST", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


def _is_browser(request: Request) -> bool:
    """Whether a person follows a link, rather than a program asking for data."""
    return request.method in {"GET", "HEAD"} and prefers_html(request.headers.get("accept", ""))


def _error_page(request: Request, status: int, message: str) -> Response:
    title = "There is nothing here." if status == HTTPStatus.NOT_FOUND else f"{HTTPStatus(status).phrase}."
    headers = {"cache-control": "no-store", "vary": "Accept"}
    return page_response(request, "message.html", status_code=status, headers=headers, title=title, message=message)


async def _validation_error(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RequestValidationError)
    faults = [
        # What was sent is never said back: it may be a photo, a secret, or an attack on whoever reads the log.
        {"field": ".".join(str(part) for part in fault["loc"] if isinstance(part, str)), "fault": fault["msg"]}
        for fault in error.errors()
    ]
    detail = "; ".join(f"{fault['field']}: {fault['fault']}" for fault in faults) or "A value is not right."
    return problem(422, code="bad_request_value", detail=detail, extra={"errors": faults})


async def _system_error(request: Request, error: Exception) -> Response:
    if errors.is_disk_full(error):
        return problem_of(errors.DiskFull("There is no room on the disk; try again later."), task_id=_task_id(request))
    raise error


async def _unexpected(request: Request, error: Exception) -> Response:
    del request, error
    return problem(500)


def _task_id(request: Request) -> str:
    # Only what looks like an id of ours is said back.
    try:
        return str(UUID(request.path_params.get("task_id", "")))
    except (ValueError, AttributeError, TypeError):
        return ""
