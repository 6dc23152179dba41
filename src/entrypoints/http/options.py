"""The answer to OPTIONS: every method of the path."""

from litestar import Response
from litestar.routes import HTTPRoute
from litestar.status_codes import HTTP_204_NO_CONTENT

from entrypoints.http.parameters import AnyRequest


def allowed_methods(request: AnyRequest) -> Response[None] | None:
    """None for other methods; Litestar names only those that were registered first."""
    if request.method != "OPTIONS":
        return None
    template = request.scope["path_template"]
    methods = {
        str(method)
        for route in request.app.routes
        if isinstance(route, HTTPRoute) and route.path_format == template
        for method in route.methods
    }
    allow = ", ".join(sorted(methods))
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers={"allow": allow})
