"""A page for every problem type, for people and for programs."""

import html
import json
from collections.abc import Mapping

from litestar import MediaType, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from entrypoints.http.parameters import AnyRequest
from entrypoints.http.problem_types import PROBLEM_TYPES, ProblemType

LAYOUT = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>{title}</title>
  <style>body {{ font: 1rem/1.5 sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}
  pre {{ overflow: auto; padding: 1rem; background: #eee }}</style>
</head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""


@get("/problems")
async def list_problems(request: AnyRequest) -> Response[object]:
    """Every problem type, by status."""
    if _wants_json(request):
        return _answer({"items": [_described(kind) for kind in PROBLEM_TYPES.values()]})
    rows = "\n".join(
        f'<li>{kind.status} <a href="{kind.uri}">{kind.slug}</a>: {html.escape(kind.title)}</li>'
        for kind in PROBLEM_TYPES.values()
    )
    return _answer(LAYOUT.format(title="Problems", content=f"<ul>\n{rows}\n</ul>"))


@get("/problems/{slug:str}")
async def read_problem(request: AnyRequest, slug: FromPath[str]) -> Response[object]:
    """What one problem type means, what to do, and an example."""
    kind = PROBLEM_TYPES.get(slug)
    if kind is None:
        raise NotFoundException
    return _answer(_described(kind) if _wants_json(request) else _page(kind))


def example(kind: ProblemType) -> Mapping[str, object]:
    """A problem of this kind as the API would answer it."""
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "instance": kind.instance,
        "request_id": "019f3b5c-9d02-7e11-b3a4-5c6d7e8f9012",
        **kind.more,
    }


def _described(kind: ProblemType) -> Mapping[str, object]:
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
        "example": example(kind),
    }


def _page(kind: ProblemType) -> str:
    shown = html.escape(json.dumps(example(kind), indent=2))
    content = f"""\
<p>Status {kind.status}, <code>{kind.uri}</code></p>
<h2>What it means</h2>
<p>{html.escape(kind.meaning)}</p>
<h2>What to do</h2>
<p>{html.escape(kind.remedy)}</p>
<h2>Example</h2>
<pre>{shown}</pre>
<p><a href="/problems">All problems</a></p>"""
    return LAYOUT.format(title=html.escape(kind.title), content=content)


def _wants_json(request: AnyRequest) -> bool:
    offered = [MediaType.HTML.value, MediaType.JSON.value]
    return request.accept.best_match(offered) == MediaType.JSON.value


def _answer(content: object) -> Response[object]:
    media_type = MediaType.HTML if isinstance(content, str) else MediaType.JSON
    return Response(content, media_type=media_type, headers={"vary": "accept"})


problem_pages_router = Router(
    "/", route_handlers=[list_problems, read_problem], include_in_schema=False
)
