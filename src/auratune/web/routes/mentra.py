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
from auratune.web.dependencies import Dependencies, Deps, base_url, share_url
from auratune.web.errors import BadBody, problem_of
from auratune.web.openapi import PROBLEMS
from auratune.web.options import callback_url_from, name_from, options_from
from auratune.web.routes.photos import count_upload
from auratune.web.security import Caller
from auratune.web.uploads import receive

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from auratune.core.task import Submission, Task
    from auratune.web.uploads import ReceivedUpload


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

_SENT_BEFORE = {"idempotency_key_in_flight", "idempotency_key_reused"}
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
async def upload_mentra_photo(request: Request, owner: Caller, deps: Deps) -> Response:
    """Take a photo that the glasses took; the same `requestId` may come more than once and makes one film."""
    await count_upload(request, owner, deps)
    async with receive(request, deps.folder, deps.settings.max_file_size, photo_needed=False) as received:
        identity = name_from(received.options, "requestId")
        if _is_failure_report(received):
            code = str(received.options.get("errorCode", ""))
            _log.warning("the glasses took no photo: %s", code if _CODE.fullmatch(code) else "unknown")
            return JSONResponse(_told(identity, "Noted."))
        if not received.path:
            raise BadBody("There is no photo in this form; send it as a file under `photo`.", code="photo_missing")
        if not identity:
            raise InvalidOption("`requestId` is missing.", code="request_id_missing")
        submission = await _submit(received, identity, owner, deps)
    if submission is None:
        return JSONResponse(_told(identity, "This photo had arrived before."))
    task = await deps.read(deps.tasks.find, submission.task_id, owner)
    info = await deps.read(deps.store.head, task.photo.key)
    return JSONResponse(_answer(request, identity, task, info.size_bytes if info else 0))


async def _submit(received: ReceivedUpload, identity: str, owner: str, deps: Dependencies) -> Submission | None:
    upload = Upload(
        path=received.path,
        content_hash=received.content_hash,
        size_bytes=received.size_bytes,
        owner=owner,
        filename=name_from(received.options),
        options=options_from(received.options, deps.settings.film_format),
        idempotency_key=f"mentra-{identity}",
        request_id=identity,
        callback_url=callback_url_from(received.options),
    )
    try:
        return await deps.write(deps.tasks.submit, upload)
    except (TaskConflict, InvalidOption) as error:
        # The phone relays a photo again, compressed anew, when the glasses' own upload seemed to fail: the first to
        # arrive is the film, and any answer but 200 would bring a third.
        if error.code not in _SENT_BEFORE:
            raise
        return None


def _is_failure_report(received: ReceivedUpload) -> bool:
    options = received.options
    return options.get("type") == "photo_error" or str(options.get("success", "true")).lower() == "false"


def _told(identity: str, message: str) -> dict[str, Any]:
    return {"success": True, "requestId": identity, "message": message}


def _answer(request: Request, identity: str, task: Task, photo_bytes: int) -> dict[str, Any]:
    """`photo_bytes` is the size of what `photoUrl` gives: the photo as it was kept, which is not the one sent."""
    base = f"{base_url(request)}/photos/{task.task_id}"
    return {
        **_told(identity, "The film is on its way."),
        "taskId": task.task_id,
        "statusUrl": f"{base}/status",
        "photoUrl": f"{base}/poster",
        "videoUrl": f"{base}/download",
        "shareUrl": share_url(request, task),
        "contentType": "image/jpeg",
        "fileSizeBytes": photo_bytes,
    }
