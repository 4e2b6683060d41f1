"""Photos straight from MentraOS glasses: what its Bluetooth SDK, or the phone as a relay, posts to a webhook."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from auratune.core.errors import AuraTuneError, InvalidOption, TaskConflict
from auratune.core.task import Upload
from auratune.web.dependencies import AtFront, Dependencies
from auratune.web.errors import BadBody, problem_of
from auratune.web.openapi import PROBLEMS
from auratune.web.options import name_from, options_from
from auratune.web.routes.photos import take_upload
from auratune.web.routes.share import base_of
from auratune.web.security import Caller
from auratune.web.uploads import receive

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from auratune.core.task import Submission
    from auratune.web.uploads import Arrival


class _MentraRoute(APIRoute):
    """Answers failures as problems that the SDK understands too: it looks for `success` and `error`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's own handler, with our errors caught around it."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except AuraTuneError as error:
                return problem_of(error, extra={"success": False, "error": error.message})

        return answer


router = APIRouter(prefix="/mentra", tags=["mentra"], responses=PROBLEMS, route_class=_MentraRoute)

_IN_HAND = {"idempotency_key_in_flight", "idempotency_key_reused"}
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_log = logging.getLogger(__name__)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["requestId"],
                    "properties": {
                        "photo": {"type": "string", "format": "binary"},
                        "requestId": {"type": "string"},
                        "type": {"type": "string", "enum": ["photo_upload", "photo_error"]},
                        "success": {"type": "string", "enum": ["true", "false"]},
                        "source": {"type": "string"},
                        "errorCode": {"type": "string"},
                        "errorMessage": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post("/photo", openapi_extra=_BODY)
async def photo(request: Request, owner: Caller, front: AtFront) -> Response:
    """Take a photo that the glasses took; the same `requestId` may come more than once and makes one film."""
    await take_upload(request, owner, front)
    async with receive(request, front.folder, front.settings.max_file_size, photo_needed=False) as arrival:
        identity = name_from(arrival.options, "requestId")
        if _tells_of_failure(arrival):
            code = str(arrival.options.get("errorCode", ""))
            _log.warning("the glasses took no photo: %s", code if _CODE.fullmatch(code) else "unknown")
            return JSONResponse({"success": True, "requestId": identity, "message": "Noted."})
        if not arrival.path:
            raise BadBody("There is no photo in this form; send it as a file under `photo`.", code="photo_missing")
        if not identity:
            raise InvalidOption("`requestId` is missing.", code="request_id_missing")
        submission = await _submit(arrival, identity, owner, front)
    return JSONResponse(_answer(request, identity, arrival, submission))


async def _submit(arrival: Arrival, identity: str, owner: str, front: Dependencies) -> Submission | None:
    upload = Upload(
        path=arrival.path,
        content_hash=arrival.content_hash,
        size_bytes=arrival.size_bytes,
        owner=owner,
        filename=name_from(arrival.options),
        options=options_from(arrival.options, front.settings.film_format),
        idempotency_key=f"mentra-{identity}",
        request_id=identity,
    )
    try:
        return await front.accept(front.tasks.submit, upload)
    except (TaskConflict, InvalidOption) as error:
        # The phone relays a photo again, compressed anew, when the glasses' own upload seemed to fail: the first to
        # arrive is the film, and any answer but 200 would bring a third.
        if error.code not in _IN_HAND:
            raise
        return None


def _tells_of_failure(arrival: Arrival) -> bool:
    options = arrival.options
    return options.get("type") == "photo_error" or str(options.get("success", "true")).lower() == "false"


def _answer(request: Request, identity: str, arrival: Arrival, submission: Submission | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"success": True, "requestId": identity, "message": "The film is on its way."}
    if submission is None:
        return {**answer, "message": "This photo had arrived before."}
    base = f"{base_of(request)}/photos/{submission.task_id}"
    return {
        **answer,
        "taskId": submission.task_id,
        "statusUrl": f"{base}/status",
        "photoUrl": f"{base}/poster",
        "videoUrl": f"{base}/download",
        "contentType": "image/jpeg",
        "fileSizeBytes": arrival.size_bytes,
    }
