"""Any JSON API keeps every source's promises, however its pages follow each other."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from adapters.lead_sources.json import Following, JsonSource
from domain.errors import LeadSourceFailed
from tests.contracts.lead_sources import LeadSourceContract, offered, valid
from tests.fakes.http_server import Reply
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


def source_of(api: FakeJsonApi, following: Following | None = None) -> JsonSource:
    return JsonSource(
        api.url,
        items="$.data[*]",
        fields=FIELDS,
        headers={"authorization": TOKEN},
        following=following or Following(),
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
