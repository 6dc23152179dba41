"""What lead sources promise: batches of offered rows, and typed failures."""

from collections.abc import Sequence

import pytest

from domain.errors import InvalidLead, LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource


async def offered(source: LeadSource) -> list[IncomingLead]:
    return [row for batch in await batches(source) for row in batch]


async def batches(source: LeadSource) -> list[Sequence[IncomingLead]]:
    return [batch async for batch in source.fetch()]


def valid(rows: Sequence[IncomingLead]) -> list[str]:
    """The addresses of the rows that make a lead."""
    addresses = []
    for row in rows:
        try:
            addresses.append(row.details("x").email)
        except InvalidLead:
            continue
    return addresses


FAILURES = {"timeout", "unavailable", "refused", "malformed", "too_large", "internal"}


class LeadSourceContract:
    """Inherit it with three sources as fixtures.

    `source` has ten good rows, `broken` ten rows of which one makes no sense, and
    `unreadable` cannot be read.
    """

    async def test_it_offers_every_row(self, source: LeadSource) -> None:
        rows = await offered(source)

        assert len(rows) == len(set(valid(rows))) == 10

    async def test_it_can_be_asked_again(self, source: LeadSource) -> None:
        assert valid(await offered(source)) == valid(await offered(source))

    async def test_a_row_that_makes_no_sense_is_offered_and_costs_no_other(
        self, broken: LeadSource
    ) -> None:
        rows = await offered(broken)

        assert (len(rows), len(valid(rows))) == (10, 9)

    async def test_one_that_cannot_be_read_is_a_typed_failure(self, unreadable: LeadSource) -> None:
        with pytest.raises(LeadSourceFailed) as told:
            await offered(unreadable)

        assert told.value.type in FAILURES

    async def test_batches_are_bounded_and_never_empty(self, source: LeadSource) -> None:
        assert all(0 < len(batch) <= 5_000 for batch in await batches(source))

    async def test_it_has_a_name(self, source: LeadSource) -> None:
        assert source.name
