"""The OpenAPI document and its pages, all from this package: no browser needs the internet."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.params import FromPath

from entrypoints.http.document import complete

ASSETS = Path(__file__).parent / "swagger_ui"
ASSET_TYPES = {
    "favicon-32x32.png": "image/png",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Smart CRM API</title>
  <link rel="icon" href="/docs/assets/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
  <div id="page"></div>
  <script src="/docs/assets/swagger-ui-bundle.js"></script>
  <script>
    SwaggerUIBundle({ url: "/openapi.json", dom_id: "#page", deepLinking: true });
  </script>
</body>
</html>
"""


def docs_router(described: Router) -> Router:
    """`/docs` and `/openapi.json` for this router."""

    @cache
    def document(sources: tuple[str, ...]) -> bytes:
        return msgspec.json.encode(describe(described, sources))

    @get("/openapi.json", media_type=MediaType.JSON)
    async def openapi_json(state: State) -> Response[bytes]:
        return Response(document(tuple(state.crm.start_sync.sources)))

    @get("/docs", media_type=MediaType.HTML)
    async def docs() -> str:
        return PAGE

    return Router("/", route_handlers=[openapi_json, docs, asset], include_in_schema=False)


@get("/docs/assets/{name:str}")
async def asset(name: FromPath[str]) -> Response[bytes]:
    """One of the files that the page needs, whatever path is asked for."""
    if name not in ASSET_TYPES:
        raise NotFoundException
    headers = {"cache-control": "max-age=86400"}
    return Response(_asset(name), media_type=ASSET_TYPES[name], headers=headers)


@cache
def _asset(name: str) -> bytes:
    return (ASSETS / name).read_bytes()


def describe(described: Router, sources: Sequence[str]) -> dict[str, Any]:
    """OpenAPI 3.1, from an app of its own, so that the served one has no schema routes."""
    config = OpenAPIConfig(
        title="Smart CRM API",
        version="1",
        description="Lead management with AI summaries in the background.",
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(
                    type="apiKey", name="x-api-key", security_scheme_in="header"
                )
            }
        ),
        security=[{"apiKey": []}],
        tags=[Tag(name) for name in ("leads", "summaries", "sync", "ai", "health")],
    )
    app = Litestar([described], openapi_config=config, logging_config=None)
    return complete(app.openapi_schema.to_schema(), sources)
