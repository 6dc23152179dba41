"""The OpenAPI document says what the routes and the table of problems really give."""

import re
from typing import Any
from unicodedata import category

import httpx
import pytest

from domain.activity import TEXT
from domain.lead_fields import checked_text
from entrypoints.http.app import API
from entrypoints.http.docs import describe
from entrypoints.http.document import SEEN, STRICT, operations
from entrypoints.http.problem_types import PROBLEM_TYPES

UNROUTED = {405}
"""What only methods and paths get that the document does not have."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe(API, ["fair", "web"])


@pytest.fixture(scope="module")
def by_id(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for operation in operations(document)}


def test_each_operation_has_an_id_of_its_own(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document)]

    assert len(ids) == len(set(ids))
    assert all(name.isidentifier() and name[0].islower() for name in ids)


def test_each_problem_stands_with_some_operation(document: dict[str, Any]) -> None:
    told = {int(status) for operation in operations(document) for status in operation["responses"]}

    assert {kind.status for kind in PROBLEM_TYPES.values()} - told == UNROUTED


def test_each_operation_tells_what_the_front_may_answer(document: dict[str, Any]) -> None:
    for operation in operations(document):
        is_open = operation.get("security") == [{}]
        front = {"400", "414", "431", "500"} | (set() if is_open else {"401", "503"})
        assert front - set(operation["responses"]) == set(), operation["operationId"]


def test_each_post_and_patch_tells_what_the_body_guard_may_answer(
    document: dict[str, Any],
) -> None:
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in {"post", "patch"}:
                told = set(operation["responses"])
                # what a file holds is told by its run
                told |= {"422"} if operation["operationId"] == "importLeads" else set()
                assert {"408", "413", "415", "422"} - told == set(), operation["operationId"]


def test_each_operation_on_one_thing_may_not_find_it(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert ("404" in operation["responses"]) == ("{" in path), operation["operationId"]


def test_each_answer_has_its_request_id(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, response in operation["responses"].items():
            assert "x-request-id" in response["headers"], (operation["operationId"], status)


def test_each_error_has_an_example_of_each_kind(by_id: dict[str, dict[str, Any]]) -> None:
    def shown(operation_id: str, status: str) -> set[str]:
        content = by_id[operation_id]["responses"][status]["content"]
        return set(content["application/problem+json"]["examples"])

    assert shown("createLead", "409") == {"duplicate-lead", "idempotency-key-in-flight"}
    assert shown("getLead", "404") == {"not-found", "lead-not-found"}
    assert shown("getSyncRun", "404") == {"not-found", "sync-run-not-found"}
    assert shown("listLeads", "400") == {"bad-request"}
    for name, operation in by_id.items():
        for status, response in operation["responses"].items():
            if "application/problem+json" in response.get("content", {}):
                assert shown(name, status), (name, status)


@pytest.mark.parametrize(
    ("operation_id", "status", "header"),
    [
        ("createLead", "201", "location"),
        ("createLead", "201", "etag"),
        ("createLead", "201", "idempotency-replayed"),
        ("createLead", "401", "www-authenticate"),
        ("getLead", "304", "etag"),
        ("changeLead", "412", "etag"),
        ("summarizeLead", "202", "location"),
        ("listLeads", "503", "retry-after"),
    ],
)
def test_headers_stand_where_they_are_given(
    by_id: dict[str, dict[str, Any]], operation_id: str, status: str, header: str
) -> None:
    assert header in by_id[operation_id]["responses"][status]["headers"]


@pytest.mark.parametrize("name", STRICT)
def test_unknown_members_are_refused(document: dict[str, Any], name: str) -> None:
    assert document["components"]["schemas"][name]["additionalProperties"] is False


def test_a_change_may_be_a_merge_patch(by_id: dict[str, dict[str, Any]]) -> None:
    content = by_id["changeLead"]["requestBody"]["content"]

    assert set(content) == {"application/json", "application/merge-patch+json"}


def test_no_parameter_may_be_null(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert isinstance(parameter["schema"]["type"], str), parameter["name"]


def test_the_sources_of_a_sync_are_those_that_are_configured(
    by_id: dict[str, dict[str, Any]],
) -> None:
    source = next(p for p in by_id["startSync"]["parameters"] if p["name"] == "source")

    assert source["schema"]["enum"] == ["fair", "web"]


@pytest.mark.parametrize("path", ["/leads", "/leads/019f3b5c-7a10-7c3e-9d54-2f6a8b1c0d2e"])
async def test_options_names_every_method_of_a_path(
    client: httpx.AsyncClient, document: dict[str, Any], path: str
) -> None:
    template = "/leads" if path == "/leads" else "/leads/{lead_id}"

    response = await client.options(path)

    documented = {method.upper() for method in document["paths"][template]}
    assert response.status_code == 204
    assert set(response.headers["allow"].split(", ")) == documented | {"OPTIONS"}


async def test_an_empty_source_is_none_that_is_known(client: httpx.AsyncClient) -> None:
    response = await client.post("/sync", params={"source": ""})

    assert response.json()["type"] == "/problems/unknown-lead-source"


def test_a_text_fits_its_pattern_if_and_only_if_there_is_something_to_see() -> None:
    unseen = [c for c in map(chr, range(0x110000)) if category(c) in {"Cc", "Cf", "Zs", "Zl", "Zp"}]
    beside = [chr(ord(c) + step) for c in unseen for step in (-1, 1) if c != "\0"]
    texts = [c for c in (*unseen, *beside) if category(c) not in {"Cs", "Cc"}]

    fitting = {text for text in texts if re.fullmatch(SEEN, text)}

    assert fitting == {text for text in texts if checked_text("text", TEXT, text, [])}
