"""The random-user API keeps every source's promises, and so do we when it does not."""

import asyncio
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.lead_sources import _addresses, randomuser
from adapters.lead_sources.randomuser import RandomUserSource
from domain.errors import LeadSourceFailed
from tests.contracts.lead_sources import LeadSourceContract, batches, offered, valid
from tests.fakes.randomuser import MALFORMED_USERS, FakeRandomUser, users
from tests.processes import free_port

SOON = timedelta(seconds=1)


@pytest.fixture
def fake() -> Iterator[FakeRandomUser]:
    with FakeRandomUser() as fake:
        yield fake


@pytest.fixture
async def source(fake: FakeRandomUser) -> AsyncIterator[RandomUserSource]:
    source = RandomUserSource(f"{fake.url}/api/", 10, allow_private=True)
    yield source
    await source.close()


class TestRandomUserSource(LeadSourceContract):
    adapter = "lead_sources.randomuser"

    @pytest.fixture
    def broken(self, fake: FakeRandomUser, source: RandomUserSource) -> RandomUserSource:
        fake.misbehave("one malformed")
        return source

    @pytest.fixture
    def unreadable(self, fake: FakeRandomUser, source: RandomUserSource) -> RandomUserSource:
        fake.misbehave("broken json")
        return source


async def test_demographics_are_not_taken(source: RandomUserSource) -> None:
    fields = {name for row in await offered(source) for name in row.fields}

    assert fields == {"name", "email", "phone", "external_id"}


async def test_the_number_and_the_urls_own_parameters_are_asked_for(
    fake: FakeRandomUser,
) -> None:
    source = RandomUserSource(f"{fake.url}/api/?nat=gb", 3, allow_private=True)

    rows = await offered(source)

    assert len(rows) == 3
    assert fake.requests[0].query == {"nat": "gb", "results": "3"}
    await source.close()


async def test_many_users_come_by_pages_of_one_seed(fake: FakeRandomUser) -> None:
    source = RandomUserSource(f"{fake.url}/api/", 2_400, allow_private=True)

    sizes = [len(batch) for batch in await batches(source)]

    assert sizes == [1_000, 1_000, 400]
    assert [request.query.get("page") for request in fake.requests] == [None, "2", "3"]
    assert [request.query.get("seed") for request in fake.requests] == [None, "abc", "abc"]
    await source.close()


async def test_no_page_is_offered_twice(fake: FakeRandomUser) -> None:
    source = RandomUserSource(f"{fake.url}/api/?seed=ours", 2_500, allow_private=True)

    rows = await offered(source)

    assert len({row.fields["external_id"] for row in rows}) == 2_500
    await source.close()


async def test_nobody_is_skipped_between_pages(fake: FakeRandomUser) -> None:
    source = RandomUserSource(f"{fake.url}/api/", 2_500, allow_private=True)

    expected = [user["login"]["uuid"] for user in users(2_500)]

    assert [row.fields["external_id"] for row in await offered(source)] == expected
    await source.close()


async def test_the_first_answers_seed_holds_whatever_a_later_one_says(
    fake: FakeRandomUser,
) -> None:
    fake.misbehave("another seed on each page")
    source = RandomUserSource(f"{fake.url}/api/", 3_000, allow_private=True)

    await offered(source)

    seeds = [request.query.get("seed") for request in fake.requests]
    assert seeds == [None, "seed of page 1", "seed of page 1"]
    await source.close()


async def test_a_page_that_comes_again_ends_the_fetch(fake: FakeRandomUser) -> None:
    fake.misbehave("the same page")
    source = RandomUserSource(f"{fake.url}/api/", 1_000_000, allow_private=True)
    taken = 0

    with pytest.raises(LeadSourceFailed, match="same page twice") as told:
        async for batch in source.fetch():
            taken += len(batch)

    assert (told.value.type, taken, len(fake.requests)) == ("malformed", 1_000, 2)
    await source.close()


@pytest.mark.parametrize("flood", ["a gigabyte", "endless", "gzip bomb", "gzip without end"])
async def test_a_flood_is_held_no_further_than_the_cap(
    fake: FakeRandomUser, source: RandomUserSource, flood: str
) -> None:
    fake.misbehave(flood)
    tracemalloc.start()
    try:
        with pytest.raises(LeadSourceFailed) as told:
            await offered(source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert told.value.type == "too_large"
    assert peak < 60_000_000


async def test_pages_without_a_seed_are_asked_for_all_the_same(fake: FakeRandomUser) -> None:
    fake.misbehave("null info")
    source = RandomUserSource(f"{fake.url}/api/", 1_200, allow_private=True)

    assert [len(batch) for batch in await batches(source)] == [1_000, 200]
    assert fake.requests[1].query == {"results": "1000", "page": "2"}
    await source.close()


async def test_time_that_others_take_between_pages_is_not_counted(
    fake: FakeRandomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(randomuser, "time", clock)
    source = RandomUserSource(f"{fake.url}/api/", 1_001, allow_private=True)

    sizes = []
    async for batch in source.fetch():
        sizes.append(len(batch))
        clock.now += 3_600

    assert sizes == [1_000, 1]
    await source.close()


async def test_an_empty_answer_offers_nobody(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("empty")

    assert await batches(source) == []


@pytest.mark.parametrize("kind", MALFORMED_USERS)
async def test_a_user_of_any_shape_is_offered_and_costs_only_itself(
    fake: FakeRandomUser, source: RandomUserSource, kind: str
) -> None:
    fake.instead = [MALFORMED_USERS[kind]]

    rows = await offered(source)

    assert (len(rows), len(valid(rows))) == (10, 9)


@pytest.mark.parametrize("clothes", ["gzip", "json called text", "null info"])
async def test_an_answer_in_odd_clothes_is_read(
    fake: FakeRandomUser, source: RandomUserSource, clothes: str
) -> None:
    fake.misbehave(clothes)

    assert len(valid(await offered(source))) == 10


@pytest.mark.parametrize(
    ("misbehaviour", "type"),
    [
        ("null results", "malformed"),
        ("results of another type", "malformed"),
        ("no results", "malformed"),
        ("an array", "malformed"),
        ("null", "malformed"),
        ("nothing", "malformed"),
        ("500", "unavailable"),
        ("429 for an hour", "unavailable"),
        ("429 until nonsense", "unavailable"),
        ("404", "refused"),
        ("html", "malformed"),
        ("html called json", "malformed"),
        ("json called html", "malformed"),
        ("broken json", "malformed"),
        ("not utf-8", "malformed"),
        ("deep json", "malformed"),
        ("trickle", "timeout"),
        ("hang", "timeout"),
        ("reset", "unavailable"),
        ("cut", "unavailable"),
        ("redirect", "refused"),
        ("huge", "too_large"),
        ("endless", "too_large"),
        ("a gigabyte", "too_large"),
        ("gzip without end", "too_large"),
        ("broken gzip", "malformed"),
        ("gzip bomb", "too_large"),
        ("gzip bomb in a bomb", "malformed"),
    ],
)
async def test_a_source_that_misbehaves_is_a_typed_failure(
    fake: FakeRandomUser, misbehaviour: str, type: str
) -> None:
    fake.misbehave(misbehaviour)
    deadline = SOON if type == "timeout" else timedelta(seconds=20)
    source = RandomUserSource(f"{fake.url}/api/", 10, allow_private=True, deadline=deadline)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(source)

    assert told.value.type == type
    await source.close()


@pytest.mark.parametrize("misbehaviour", ["500", "408", "429", "reset"])
async def test_a_passing_failure_is_tried_again(
    fake: FakeRandomUser, source: RandomUserSource, misbehaviour: str
) -> None:
    fake.misbehave(misbehaviour, times=1)

    assert len(await offered(source)) == 10
    assert len(fake.requests) == 2


async def test_a_refusal_is_not_tried_again(fake: FakeRandomUser, source: RandomUserSource) -> None:
    fake.misbehave("404")

    with pytest.raises(LeadSourceFailed):
        await offered(source)

    assert len(fake.requests) == 1


async def test_the_source_is_given_the_time_that_it_asks_for(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("429", times=1)
    began = time.monotonic()

    await offered(source)

    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("misbehaviour", ["429 for an hour", "429 until a date"])
async def test_a_source_that_asks_for_more_time_than_there_is_has_failed_now(
    fake: FakeRandomUser, source: RandomUserSource, misbehaviour: str
) -> None:
    fake.misbehave(misbehaviour)
    began = time.monotonic()

    with pytest.raises(LeadSourceFailed, match="429"):
        await offered(source)

    assert time.monotonic() - began < 5
    assert len(fake.requests) == 1


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("url", ["http://[", "http://a..b/", f"http://{'a' * 64}.example/"])
async def test_a_url_that_leads_nowhere_is_a_typed_failure(url: str, allowed: bool) -> None:
    source = RandomUserSource(url, 10, allow_private=allowed)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(source)

    assert told.value.type == "unavailable"
    await source.close()


async def test_a_source_that_is_not_there_is_a_typed_failure() -> None:
    source = RandomUserSource(f"http://127.0.0.1:{free_port()}/", 10, allow_private=True)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(source)

    assert told.value.type == "unavailable"
    await source.close()


INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "240.0.0.1", "224.0.0.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_network_is_known_as_such(address: str) -> None:
    assert not _addresses.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_known_as_such(address: str) -> None:
    assert _addresses.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
async def test_a_private_address_is_refused_unless_allowed(fake: FakeRandomUser, host: str) -> None:
    source = RandomUserSource(f"http://{host}:{free_port()}/api/", 10)

    with pytest.raises(LeadSourceFailed, match="CRM_SOURCE_ALLOW_PRIVATE") as told:
        await offered(source)

    assert told.value.type == "refused"
    assert fake.requests == []
    await source.close()


Resolving = Callable[[Sequence[str]], list[str]]


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> Resolving:
    """Makes every name stand for these addresses; the names asked for come back."""
    asked: list[str] = []

    def into(addresses: Sequence[str]) -> list[str]:
        def getaddrinfo(host: str, port: int | None, *_: Any, **__: Any) -> list[Any]:
            asked.append(host)
            return [(0, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return into


async def test_one_private_address_among_others_is_enough_to_refuse(
    fake: FakeRandomUser, resolving: Resolving
) -> None:
    resolving(["8.8.8.8", "127.0.0.1"])
    source = RandomUserSource(f"http://source.example:{fake.port}/api/", 10)

    with pytest.raises(LeadSourceFailed, match="private"):
        await offered(source)

    assert fake.requests == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"]])
async def test_the_connection_is_made_to_the_very_address_that_was_checked(
    fake: FakeRandomUser,
    resolving: Resolving,
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[str],
) -> None:
    asked = resolving(addresses)
    checked: list[str] = []

    def take_down(address: str) -> bool:
        checked.append(address)
        return True

    monkeypatch.setattr(_addresses, "is_public", take_down)
    source = RandomUserSource(f"http://source.example:{fake.port}/api/", 10)

    assert len(await offered(source)) == 10
    assert (asked, checked) == (["source.example"], addresses)
    assert fake.requests[0].headers["host"] == f"source.example:{fake.port}"
    await source.close()


async def test_who_gives_up_waiting_can_ask_again(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("hang", times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await offered(source)

    assert len(await offered(source)) == 10
