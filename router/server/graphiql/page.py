"""The routes of the GraphiQL page and its assets."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from router.config import ServerConfig
from router.server.graphiql.built import BUILD, built_page
from router.server.graphiql.pinned import PINNED_ORIGIN, PINNED_SCRIPTS, pinned_page, pinned_script
from router.server.graphiql.policy import content_security_policy
from router.server.graphiql.settings import insert_settings

# Vite puts a hash of the content into each asset's name, so that an asset never changes.
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_REVALIDATE = {"cache-control": "no-cache"}


def graphiql_routes(config: ServerConfig, *, shows_plans: bool = False) -> APIRouter:
    """Returns `/` and the files it loads: the built page when there is one, else the pinned one."""
    routes = APIRouter()

    @routes.get("/", response_class=HTMLResponse)
    async def graphiql() -> HTMLResponse:
        html, policy = _page()
        headers = {**_REVALIDATE, "content-security-policy": policy}
        return HTMLResponse(insert_settings(html, config, shows_plans=shows_plans), headers=headers)

    @routes.get("/assets/{name}")
    async def asset(name: str) -> Response:
        # One path segment, resolved against the files that exist: no name can leave the folder.
        found = {path.name: path for path in (BUILD / "assets").glob("*")}.get(name)
        if found is None:
            return PlainTextResponse("Not found", status_code=404)
        return FileResponse(found, headers=_FOREVER)

    @routes.get(f"/{PINNED_SCRIPTS}/{{name}}")
    async def pinned_asset(name: str) -> Response:
        return pinned_script(name)

    return routes


def _page() -> tuple[str, str]:
    built = built_page()
    if built is not None:
        return built, content_security_policy()
    policy = content_security_policy(
        script=f"'self' {PINNED_ORIGIN}", style=f"'self' {PINNED_ORIGIN}", font=f"'self' {PINNED_ORIGIN}"
    )
    return pinned_page(), policy
