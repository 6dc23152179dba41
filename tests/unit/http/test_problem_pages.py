"""Each problem type has a page, and none is answered without one."""

import ast
from pathlib import Path

import httpx
import pytest

import entrypoints.http
from entrypoints.http.problem_pages import example
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.http.problems import Problem

HTTP = Path(entrypoints.http.__path__[0])
SLUGS = list(PROBLEM_TYPES)


def _answered() -> set[str]:
    """The slugs that the code names where it refuses a request itself."""
    calls = (
        node
        for path in HTTP.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    place = {"problem": 1, "Refused": 0}
    given = (
        call.args[place[call.func.id]]
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in place
    )
    return {str(slug.value) for slug in given if isinstance(slug, ast.Constant)}


def test_every_slug_in_the_code_has_an_entry() -> None:
    assert len(_answered()) >= 10
    assert _answered() <= set(PROBLEM_TYPES)


@pytest.mark.parametrize("slug", SLUGS)
async def test_each_type_leads_to_its_page_without_a_key(
    client: httpx.AsyncClient, slug: str
) -> None:
    del client.headers["x-api-key"]
    kind = PROBLEM_TYPES[slug]

    page = await client.get(kind.uri)

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert kind.title in page.text
    assert "What to do" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_program_reads_the_page_as_json(client: httpx.AsyncClient, slug: str) -> None:
    page = await client.get(f"/problems/{slug}", headers={"accept": "application/json"})

    told, kind = page.json(), PROBLEM_TYPES[slug]
    assert (told["type"], told["status"], told["title"]) == (kind.uri, kind.status, kind.title)
    assert told["remedy"]


@pytest.mark.parametrize("slug", SLUGS)
def test_each_example_is_a_problem_as_we_answer_them(slug: str) -> None:
    assert set(example(PROBLEM_TYPES[slug])) <= set(Problem.__struct_fields__)


async def test_the_index_lists_every_type(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    page = await client.get("/problems")
    listed = (await client.get("/problems", headers={"accept": "application/json"})).json()

    assert all(f'href="/problems/{slug}"' in page.text for slug in SLUGS)
    assert [item["type"] for item in listed["items"]] == [f"/problems/{slug}" for slug in SLUGS]


@pytest.mark.parametrize("path", ["/problems/nothing", "/problems/", "/problems/bad-request/more"])
async def test_there_is_no_page_for_what_is_never_answered(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)

    # a slash at the end is the index
    assert response.status_code == (200 if path == "/problems/" else 404)
