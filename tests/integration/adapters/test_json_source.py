"""Any JSON API keeps every source's promises, however its pages follow each other."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from adapters.lead_sources.json import Following, JsonSource
from domain.errors import LeadSourceFailed
from tests.contracts.lead_sources import LeadSourceContract, offered, valid
from tests.fakes.http_server import Reply, Request
from tests.fakes.json_api import TOKEN, FakeJsonApi, a_contact

FIELDS = {
    "name": "$.full_name",
    "email": "$.contact.email",
    "phone": "$.contact.phones[*]",
    "external_id": "$.id",
}
STYLES = {
    "link": Following("link"),
    "page": Following("page", "page"),
    "cursor": Following("cursor", "after", "$.paging.next"),
}


@pytest.fixture
def api() -> Iterator[FakeJsonApi]:
    with FakeJsonApi([a_contact(number) for number in range(10)]) as api:
        yield api


def source_of(
    api: FakeJsonApi, following: Following | None = None, since: str | None = None
) -> JsonSource:
    return JsonSource(
        api.url,
        items="$.data[*]",
        fields=FIELDS,
        headers={"authorization": TOKEN},
        following=following or Following(),
        since=since,
        allow_private=True,
        deadline=timedelta(seconds=20),
    )


@pytest.fixture
async def source(api: FakeJsonApi) -> AsyncIterator[JsonSource]:
    source = source_of(api)
    yield source
    await source.close()


class TestJsonSource(LeadSourceContract):
    adapter = "lead_sources.json"

    @pytest.fixture
    def broken(self, api: FakeJsonApi, source: JsonSource) -> JsonSource:
        api.contacts[3] = {"full_name": ["x"], "contact": None}
        return source

    @pytest.fixture
    def unreadable(self, api: FakeJsonApi, source: JsonSource) -> JsonSource:
        api.reply = Reply(body=b'{"data": [')
        return source


async def failure_of(source: JsonSource) -> str:
    with pytest.raises(LeadSourceFailed) as told:
        await offered(source)
    await source.close()
    return told.value.type


async def test_each_field_is_where_its_path_says_and_the_first_find_counts(
    source: JsonSource,
) -> None:
    first = (await offered(source))[0]

    assert first.fields == {
        "name": "Ada0 Lovelace",
        "email": "ada0@example.com",
        "phone": "+44 20 0000000",
        "external_id": "c0",
    }


async def test_what_is_not_there_or_null_is_left_out(api: FakeJsonApi, source: JsonSource) -> None:
    api.contacts = [{"full_name": "Ada", "contact": {"email": "ada@example.com"}, "id": None}]

    (row,) = await offered(source)

    assert row.fields == {"name": "Ada", "email": "ada@example.com"}


@pytest.mark.parametrize("style", STYLES)
async def test_pages_are_followed_to_their_end_and_none_is_read_twice(
    api: FakeJsonApi, style: str
) -> None:
    api.style = style
    source = source_of(api, STYLES[style])

    addresses = valid(await offered(source))
    await source.close()

    assert addresses == [f"ada{number}@example.com" for number in range(10)]


@pytest.mark.parametrize("style", ["none", *STYLES])
async def test_of_what_has_changed_since_a_time_every_page_is_asked_for(
    api: FakeJsonApi, style: str
) -> None:
    api.style = style
    api.contacts = [
        {**contact, "updated": f"2026-11-24T1{n % 2}:00:00Z"}
        for n, contact in enumerate(api.contacts)
    ]
    source = source_of(api, STYLES.get(style), since="updated_since")
    at = datetime(2026, 11, 24, 12, 0, 0, 999_999, timezone(timedelta(hours=1)))

    rows = [row for batch in [b async for b in source.fetch_changes(at)] for row in batch]
    await source.close()

    assert valid(rows) == [f"ada{n}@example.com" for n in range(1, 10, 2)]
    asked = {request.query.get("updated_since") for request in api.server.requests}
    assert asked == {"2026-11-24T11:00:00Z"}


async def test_without_pages_one_request_is_all(api: FakeJsonApi, source: JsonSource) -> None:
    await offered(source)

    assert len(api.server.requests) == 1


async def test_the_same_page_again_is_no_page_more(api: FakeJsonApi) -> None:
    page = json.dumps({"data": [a_contact(1)], "paging": {"next": "2"}}).encode()
    api.reply = Reply(body=page)

    assert await failure_of(source_of(api, STYLES["cursor"])) == "malformed"
    assert len(api.server.requests) == 2


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.2/contacts", "https://evil.example/", "//e.f"]
)
async def test_our_headers_go_to_no_other_server(api: FakeJsonApi, elsewhere: str) -> None:
    api.style, api.elsewhere = "link", elsewhere

    assert await failure_of(source_of(api, STYLES["link"])) == "refused"


@pytest.mark.parametrize(
    ("reply", "type"),
    [
        (Reply(status=404), "refused"),
        (Reply(status=302, headers={"location": "http://127.0.0.1/"}), "refused"),
        (Reply(body=b"<html>", content_type="text/html"), "malformed"),
        (Reply(body=b"7"), "malformed"),
        (Reply(body=b"[" * 100_000), "malformed"),
    ],
)
async def test_what_is_no_page_is_a_typed_failure(
    api: FakeJsonApi, reply: Reply, type: str
) -> None:
    api.reply = reply

    assert await failure_of(source_of(api)) == type


async def test_a_page_of_another_shape_offers_no_one(api: FakeJsonApi, source: JsonSource) -> None:
    api.reply = Reply(body=b'{"data": {"id": {"x": null}, "y": 5}}')

    assert valid(await offered(source)) == []


async def test_a_private_address_is_refused_unless_it_is_allowed(api: FakeJsonApi) -> None:
    source = JsonSource(api.url, items="$.data[*]", fields=FIELDS)

    assert await failure_of(source) == "refused"
    assert api.server.requests == []


@pytest.mark.parametrize("style", STYLES)
async def test_pages_that_have_not_changed_are_not_sent_again(api: FakeJsonApi, style: str) -> None:
    api.style, api.etags = style, True
    source = source_of(api, STYLES[style])
    before = valid(await offered(source))
    first = len(api.server.requests)

    assert valid(await offered(source)) == before
    asked = [request.headers.get("if-none-match") for request in api.server.requests]
    assert (asked[:first], None in asked[first:]) == ([None] * first, False)
    await source.close()


async def test_a_page_that_has_changed_is_read_anew(api: FakeJsonApi, source: JsonSource) -> None:
    api.etags = True
    await offered(source)
    api.contacts[0] = a_contact(99)

    assert valid(await offered(source))[0] == "ada99@example.com"


async def test_not_modified_is_no_answer_to_who_has_nothing(
    api: FakeJsonApi, source: JsonSource
) -> None:
    api.reply = Reply(status=304)

    assert await failure_of(source) == "refused"


@pytest.mark.parametrize("etag", ["\xe9", "a\tb"])
async def test_an_etag_that_cannot_be_sent_back_is_none(
    api: FakeJsonApi, source: JsonSource, etag: str
) -> None:
    body = json.dumps({"data": [a_contact(1)]}).encode()
    api.reply = Reply(body=body, headers={"etag": etag})

    assert await offered(source) == await offered(source)


async def test_a_page_of_too_many_rows_is_refused_whatever_they_are(
    api: FakeJsonApi, source: JsonSource
) -> None:
    api.reply = Reply(body=b'{"data": [' + b"7," * 1_000_000 + b"7]}")

    assert await failure_of(source) == "too_large"


DEEP = b'{"a":' * 200 + b"1" + b"}" * 200


async def test_a_page_that_is_too_deep_to_be_searched_is_refused(api: FakeJsonApi) -> None:
    api.reply = Reply(body=DEEP)
    source = JsonSource(
        api.url, items="$..b", fields=FIELDS, headers={"authorization": TOKEN}, allow_private=True
    )

    assert await failure_of(source) == "malformed"


async def test_a_row_that_is_too_deep_to_be_searched_costs_only_itself(api: FakeJsonApi) -> None:
    page = b'{"data": [%s, {"email": "ada@example.com", "name": "Ada"}]}' % DEEP
    api.reply = Reply(body=page)
    source = JsonSource(
        api.url,
        items="$.data[*]",
        fields={"name": "$.name", "email": "$..email"},
        headers={"authorization": TOKEN},
        allow_private=True,
    )

    rows = await offered(source)
    await source.close()

    assert (len(rows), valid(rows)) == (2, ["ada@example.com"])


@pytest.mark.parametrize("rows", [[], [a_contact(1)]])
async def test_pages_without_end_are_left_at_the_thousandth(
    api: FakeJsonApi, rows: list[dict[str, object]]
) -> None:
    def another(request: Request) -> Reply:
        number = int(request.query.get("after", "0"))
        offered = [row | {"id": number} for row in rows]
        return Reply(body=json.dumps({"data": offered, "paging": {"next": number + 1}}).encode())

    api.server.handler = another

    assert await failure_of(source_of(api, STYLES["cursor"])) == "too_large"
    assert len(api.server.requests) == 1_000


async def test_searching_a_page_holds_up_nobody(
    source: JsonSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching, others = threading.Event(), threading.Event()
    went_on: list[bool] = []

    def finditer(_: object) -> Iterator[object]:
        searching.set()
        went_on.append(others.wait(2))
        return iter(())

    monkeypatch.setattr(source, "_items", SimpleNamespace(finditer=finditer))
    fetching = asyncio.create_task(offered(source))
    while not searching.is_set():
        await asyncio.sleep(0)
    others.set()
    await fetching

    assert went_on == [True]
