"""The addresses of the first AuraTune, for its clients; new ones use `/photos`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from auratune.web.dependencies import AtFront
from auratune.web.openapi import PROBLEMS
from auratune.web.routes import films, photos
from auratune.web.schemas import DetailsAnswer, LibraryPage, StatusAnswer
from auratune.web.security import Caller
from auratune.web.task_ids import TaskId

router = APIRouter(tags=["first version"], responses=PROBLEMS, deprecated=True)


@router.get("/status/{task_id}")
async def status(task_id: TaskId, owner: Caller, front: AtFront) -> StatusAnswer:
    """Use `/photos/{task_id}/status`."""
    return await photos.status(task_id, owner, front)


@router.head("/download/{task_id}", include_in_schema=False)
@router.get("/download/{task_id}", response_class=Response)
async def download(request: Request, task_id: TaskId, owner: Caller, front: AtFront) -> Response:
    """Use `/photos/{task_id}/download`."""
    return await films.send(request, front, task_id, owner, "film")


@router.get("/library")
async def library(owner: Caller, front: AtFront) -> LibraryPage:
    """Use `/photos`."""
    return await photos.library(owner, front, limit=200)


@router.get("/library/{task_id}")
async def details(task_id: TaskId, owner: Caller, front: AtFront) -> DetailsAnswer:
    """Use `/photos/{task_id}`."""
    return await photos.details(task_id, owner, front)


@router.delete("/library/{task_id}", status_code=204)
async def delete(task_id: TaskId, owner: Caller, front: AtFront) -> Response:
    """Use `DELETE /photos/{task_id}`."""
    return await photos.delete(task_id, owner, front)
