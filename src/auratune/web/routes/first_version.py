"""The addresses of the first AuraTune, for its clients; new ones use `/photos`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from auratune.web.dependencies import Deps
from auratune.web.openapi import PROBLEMS
from auratune.web.routes import films, photos
from auratune.web.schemas import DetailsResponse, LibraryPage, StatusResponse
from auratune.web.security import Caller, Changer
from auratune.web.task_ids import TaskId

router = APIRouter(tags=["first version"], responses=PROBLEMS, deprecated=True)


@router.get("/status/{task_id}")
async def get_status_v1(task_id: TaskId, owner: Caller, deps: Deps) -> StatusResponse:
    """Use `/photos/{task_id}/status`."""
    return await photos.get_photo_status(task_id, owner, deps)


@router.get("/download/{task_id}", response_class=Response)
async def download_v1(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> Response:
    """Use `/photos/{task_id}/download`."""
    return await films.send(request, deps, task_id, owner, "film")


@router.get("/library")
async def list_library_v1(request: Request, owner: Caller, deps: Deps) -> LibraryPage:
    """Use `/photos`."""
    return await photos.list_photos(request, owner, deps, limit=200)


@router.get("/library/{task_id}")
async def get_library_entry_v1(request: Request, task_id: TaskId, owner: Caller, deps: Deps) -> DetailsResponse:
    """Use `/photos/{task_id}`."""
    return await photos.get_photo(request, task_id, owner, deps)


@router.delete("/library/{task_id}", status_code=204)
async def delete_library_entry_v1(task_id: TaskId, owner: Changer, deps: Deps) -> Response:
    """Use `DELETE /photos/{task_id}`."""
    return await photos.delete_photo(task_id, owner, deps)
