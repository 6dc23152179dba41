"""The random-user API keeps every source's promises, and so do we when it does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from adapters.lead_sources.randomuser import RandomUserSource
from domain.errors import LeadSourceFailed
from tests.contracts.lead_sources import LeadSourceContract, batches, offered, valid
from tests.fakes.randomuser import FakeRandomUser
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
    source = RandomUserSource(f"{fake.url}/api/", 12_000, allow_private=True)

    sizes = [len(batch) for batch in await batches(source)]

    assert sizes == [5_000, 5_000, 2_000]
    assert [request.query.get("seed") for request in fake.requests] == [None, "abc", "abc"]
    await source.close()


async def test_an_empty_answer_offers_nobody(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("empty")

    assert await batches(source) == []


async def test_rows_of_any_shape_are_offered_and_counted(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("all malformed")

    rows = await offered(source)

    assert (len(rows), valid(rows)) == (6, [])


@pytest.mark.parametrize(
    ("misbehaviour", "type"),
    [
        ("null results", "malformed"),
        ("results of another type", "malformed"),
        ("no results", "malformed"),
        ("an array", "malformed"),
        ("500", "unavailable"),
        ("404", "refused"),
        ("html", "malformed"),
        ("broken json", "malformed"),
        ("not utf-8", "malformed"),
        ("deep json", "malformed"),
        ("trickle", "timeout"),
        ("hang", "timeout"),
        ("reset", "unavailable"),
        ("cut", "unavailable"),
        ("redirect", "refused"),
        ("huge", "too_large"),
        ("gzip bomb", "malformed"),
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


@pytest.mark.parametrize("misbehaviour", ["500", "429", "reset"])
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


async def test_a_source_that_is_not_there_is_a_typed_failure() -> None:
    source = RandomUserSource(f"http://127.0.0.1:{free_port()}/", 10, allow_private=True)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(source)

    assert told.value.type == "unavailable"
    await source.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
async def test_a_private_address_is_refused_unless_allowed(fake: FakeRandomUser, host: str) -> None:
    source = RandomUserSource(f"http://{host}:{free_port()}/api/", 10)

    with pytest.raises(LeadSourceFailed, match="CRM_SOURCE_ALLOW_PRIVATE") as told:
        await offered(source)

    assert told.value.type == "refused"
    assert fake.requests == []
    await source.close()


async def test_who_gives_up_waiting_leaves_no_request_behind(
    fake: FakeRandomUser, source: RandomUserSource
) -> None:
    fake.misbehave("hang")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await offered(source)
