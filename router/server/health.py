"""Alive and ready: what an orchestrator asks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from router.errors import RouterError
from router.server.drain import Drain

_log = structlog.stdlib.get_logger("router.server")

IsReady = Callable[[], bool | Awaitable[bool]]

_NO_STORE = {"cache-control": "no-store"}


def health_routes(is_ready: IsReady, drain: Drain) -> APIRouter:
    """Returns `/health`, 200 while the process answers, and `/health/ready`, 503 until it can serve."""
    routes = APIRouter()

    @routes.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=_NO_STORE)

    @routes.get("/health/ready")
    async def ready() -> JSONResponse:
        reason = "the router is ending" if drain.is_begun else await _why_not_ready(is_ready)
        if reason is None:
            return JSONResponse({"status": "ready"}, headers=_NO_STORE)
        return JSONResponse({"status": "not ready", "reason": reason}, status_code=503, headers=_NO_STORE)

    return routes


async def _why_not_ready(is_ready: IsReady) -> str | None:
    try:
        answer = is_ready()
        is_ready_now = await answer if inspect.isawaitable(answer) else answer
    except (OSError, TimeoutError, RouterError):
        # A probe that fails is an answer to the orchestrator; the log has the cause.
        _log.exception("readiness check failed")
        return "the readiness check failed"
    return None if is_ready_now else "the supergraph is not loaded or a dependency is not reachable"
