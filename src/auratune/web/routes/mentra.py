"""Photos straight from MentraOS glasses: what its Bluetooth SDK, or the phone as a relay, posts to a webhook."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from auratune.core.errors import AuraTuneError, InvalidOption, TaskConflict
from auratune.core.task import Upload
from auratune.web.dependencies import Dependencies, Deps, base_url, share_url
from auratune.web.errors import problem_of
from auratune.web.openapi import PROBLEMS
from auratune.web.options import callback_url_from, name_from, options_from
from auratune.web.request_errors import BadBody
from auratune.web.routes.films import poster_key
from auratune.web.security import Uploader, sender_of
from auratune.web.uploads import receive

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from auratune.web.upload_places import Place
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
_EARLIER_SECONDS = 3.0
"""The SDK waits 5 s for an answer."""
_ASK_AGAIN_SECONDS = 0.1
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
async def upload_mentra_photo(request: Request, owner: Uploader, deps: Deps) -> Response:
    """Take a photo that the glasses took; the same `requestId` may come more than once and makes one film."""
    sender = sender_of(request, owner)
    async with (
        deps.places.place(sender) as place,
        receive(request, deps.folder, deps.settings.max_file_size, deps.saving, photo_needed=False) as received,
    ):
        identity = name_from(received.options, "requestId")
        if _is_failure_report(received):
            code = str(received.options.get("errorCode", ""))
            _log.warning("the glasses took no photo: %s", code if _CODE.fullmatch(code) else "unknown")
            return JSONResponse({"success": True, "requestId": identity, "message": "Noted."})
        if not received.path:
            raise BadBody("There is no photo in this form; send it as a file under `photo`.", code="photo_missing")
        if not identity:
            raise InvalidOption("`requestId` is missing.", code="request_id_missing")
        task_id = await _submit(received, identity, owner, deps, place)
    answer = {"success": True, "requestId": identity, "message": "The film is on its way."}
    return JSONResponse(answer | (await _answer(request, owner, task_id, deps) if task_id else {}))


async def _submit(received: ReceivedUpload, identity: str, owner: str, deps: Dependencies, place: Place) -> str:
    """The task of this photo; empty while an earlier upload with the same identity is still being answered.

    The phone relays a photo again, compressed anew, when the glasses' own upload seemed to fail: the first to arrive
    is the film.
    """
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
        async with deps.places.turn(place):
            submission = await deps.accept(upload)
    except (TaskConflict, InvalidOption) as error:
        if error.code not in _SENT_BEFORE:
            raise
        task_id = await _earlier_task(upload, deps)
        if task_id is None:  # The earlier photo was refused, and this one is gone: the phone has to send it again.
            raise
        return task_id
    return submission.task_id


async def _earlier_task(upload: Upload, deps: Dependencies) -> str | None:
    """The task of the upload that came first; waits a moment where it is still being answered."""
    task_id: str | None = ""
    with anyio.move_on_after(_EARLIER_SECONDS):
        while task_id == "":
            task_id = await deps.read(deps.tasks.task_of_key, upload.owner, upload.idempotency_key)
            await anyio.sleep(_ASK_AGAIN_SECONDS if task_id == "" else 0)
    return task_id


def _is_failure_report(received: ReceivedUpload) -> bool:
    options = received.options
    return options.get("type") == "photo_error" or str(options.get("success", "true")).lower() == "false"


async def _answer(request: Request, owner: str, task_id: str, deps: Dependencies) -> dict[str, Any]:
    """What the SDK hands to the app: `contentType` and `fileSizeBytes` are those of what `photoUrl` gives now."""
    task = await deps.read(deps.tasks.find, task_id, owner)
    info = await deps.read(deps.store.head, await poster_key(deps, task))
    base = f"{base_url(request)}/photos/{task_id}"
    return {
        "taskId": task_id,
        "statusUrl": f"{base}/status",
        "photoUrl": f"{base}/poster",
        "videoUrl": f"{base}/download",
        "shareUrl": share_url(request, task),
        "contentType": "image/jpeg",
        "fileSizeBytes": info.size_bytes if info else 0,
    }
