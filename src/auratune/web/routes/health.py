"""Health, readiness and metrics of the service."""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from auratune import __version__
from auratune.core.errors import AuraTuneError
from auratune.telemetry import METRICS_CONTENT_TYPE
from auratune.web.dependencies import Dependencies, Deps
from auratune.web.negotiation import prefers_html
from auratune.web.openapi import PROBLEMS
from auratune.web.pages import page_response
from auratune.web.schemas import ServiceInfo
from auratune.web.security import Caller
from auratune.wiring import vendors

if TYPE_CHECKING:
    from datetime import datetime

    from auratune.providers.vendor import Vendor

router = APIRouter(tags=["health"], responses=PROBLEMS)


@router.get("/", response_model=ServiceInfo)
async def get_service_info(request: Request, deps: Deps) -> Response:
    """That the service is running; a browser gets the page instead."""
    if prefers_html(request.headers.get("accept", "")):
        return page_response(request, "index.html", headers={"vary": "Accept"})
    counts = await deps.read(deps.tasks.counts)
    body = ServiceInfo(
        message="AuraTune turns a photo into a music video.",
        status="running",
        version=__version__,
        total_tasks=counts.total,
        active_tasks=counts.active,
        max_concurrent=deps.settings.max_concurrent_tasks,
    )
    return JSONResponse(body.model_dump(), headers={"vary": "Accept", "cache-control": "no-store"})


@router.get("/health")
async def get_health(owner: Caller, deps: Deps) -> dict[str, Any]:
    """How the service is, in detail."""
    del owner
    fault = await _fault(deps)
    providers = _providers(deps)
    degraded = any(state["failing"] for state in providers.values())
    return {
        "status": "unready" if fault else "degraded" if degraded else "ok",
        **({"fault": fault} if fault else {}),
        "version": __version__,
        "uptime_seconds": round(time.monotonic() - deps.started_at, 1),
        "max_concurrent": deps.settings.max_concurrent_tasks,
        "event_listeners": deps.hub.listeners,
        "store": "ok" if os.access(deps.folder, os.W_OK) else "read-only",
        "encoder": "ok" if find_spec("av") else "missing",
        "providers": providers,
        **await deps.read(deps.tasks.health),
    }


@router.get("/health/live")
async def get_liveness() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/health/ready")
async def get_readiness(deps: Deps) -> Response:
    """Whether it can take and process work; 503 when not. A vendor that is down makes it no less ready."""
    fault = await _fault(deps)
    body = {"status": "unready", "fault": fault} if fault else {"status": "ready"}
    return JSONResponse(body, status_code=503 if fault else 200, headers={"cache-control": "no-store"})


@router.get("/metrics", response_class=Response)
async def get_metrics(owner: Caller, deps: Deps) -> Response:
    """Meters as Prometheus text."""
    del owner
    counts, workers = await deps.read(deps.tasks.counts), await deps.read(deps.tasks.live_workers)
    text = await deps.read(
        deps.telemetry.exposition, queued=counts.queued, active=counts.active, workers=workers, data_folder=deps.folder
    )
    return Response(text, media_type=METRICS_CONTENT_TYPE)


def _providers(deps: Dependencies) -> dict[str, dict[str, Any]]:
    return {vendor.name: _provider(deps, vendor, ready) for vendor, ready in vendors(deps.settings)}


def _provider(deps: Dependencies, vendor: Vendor, ready: bool) -> dict[str, Any]:
    if vendor.is_built_in:
        return {"configured": True, "failing": False}
    state = deps.telemetry.vendor_state(vendor.name)
    return {
        "configured": ready,
        "failing": state.failing,
        "last_success_at": _when(state.last_success_at),
        "last_error_at": _when(state.last_error_at),
        "last_error_code": state.last_error_code or None,
    }


def _when(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


async def _fault(deps: Dependencies) -> str:
    """Why no work can be taken or done, in a few words; empty when all is well."""
    try:
        state = await deps.read(deps.tasks.health)
    except AuraTuneError as error:
        return error.code
    if state.get("can_work", True):
        return ""
    return "disk_full" if state.get("engine") == "running" else "engine_stopped"
