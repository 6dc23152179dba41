"""Merging a batch of offered leads into what is known."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.databases.memory.history import MemoryTimeline
from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.suppressions import MemorySuppressions
from adapters.system import SystemClock, UuidV7Ids
from application.merge_leads import MergeLeads
from domain.incoming import IncomingLead
from domain.lead import Lead, SummaryStatus
from domain.lead_fields import LeadDetails
from domain.sync import SyncCounts
from tests.builders import a_lead
from tests.contracts.databases.recording import stored
from tests.fakes.randomuser import a_user


def row(number: int = 1, **but: object) -> IncomingLead:
    user = a_user(number)
    fields = {
        "name": "Ada Lovelace",
        "email": user["email"],
        "external_id": user["login"]["uuid"],
        **but,
    }
    return IncomingLead({key: value for key, value in fields.items() if value is not None})


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase(SystemClock())


@pytest.fixture
def merge(database: MemoryDatabase) -> MergeLeads:
    return MergeLeads(database, SystemClock(), UuidV7Ids())


async def leads(database: MemoryDatabase) -> Sequence[Lead]:
    async with database(reads_only=True) as work:
        return await work.leads.page(20_000, None)


async def test_new_rows_become_leads_of_their_source(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    counts = (await merge("randomuser", [row(n) for n in range(10)])).counts

    assert counts == SyncCounts(fetched=10, created=10)
    assert {lead.source for lead in await leads(database)} == {"randomuser"}


async def test_the_same_rows_again_change_nothing(merge: MergeLeads) -> None:
    await merge("randomuser", [row(n) for n in range(10)])

    counts = (await merge("randomuser", [row(n) for n in range(10)])).counts

    assert counts == SyncCounts(fetched=10, unchanged=10)


async def test_imported_leads_carry_no_summary(merge: MergeLeads, database: MemoryDatabase) -> None:
    await merge("randomuser", [row()])

    (lead,) = await leads(database)
    assert (lead.summary, lead.next_action) == (None, None)
    assert lead.summary_status is SummaryStatus.NONE


@pytest.mark.parametrize(
    "broken",
    [IncomingLead({}), row(name=None), row(name=5), row(email="nobody"), row(phone=["1"])],
)
async def test_a_broken_row_costs_only_itself(
    merge: MergeLeads, database: MemoryDatabase, broken: IncomingLead
) -> None:
    counts = (await merge("randomuser", [broken, *(row(n) for n in range(2, 5))])).counts

    assert counts == SyncCounts(fetched=4, created=3, invalid=1)
    assert len(await leads(database)) == 3


async def test_a_broken_row_comes_back_as_it_was_offered_with_what_is_wrong(
    merge: MergeLeads,
) -> None:
    broken = row(name=None, email="nobody", **{"x" * 300: 1})

    merged = await merge("randomuser", [broken, row(2)])

    (reject,) = merged.rejects
    assert reject.row == broken.fields
    unknown, name, email = reject.reasons
    assert (len(unknown), name) == (200, "name: is required")
    assert email.startswith("email: is not an address: ")


async def test_one_address_in_two_spellings_is_one_lead(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    twice = [row(1, email="ada@example.com"), row(2, email="ADA@Example.com")]

    counts = (await merge("randomuser", twice)).counts

    assert counts == SyncCounts(fetched=2, created=1, duplicate=1)
    (lead,) = await leads(database)
    assert (lead.email, lead.external_id) == ("ada@example.com", twice[0].fields["external_id"])


async def test_one_external_id_with_two_addresses_is_one_lead(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    counts = (await merge("randomuser", [row(1), row(1, email="other@example.com")])).counts

    assert counts == SyncCounts(fetched=2, created=1, duplicate=1)
    assert [lead.email for lead in await leads(database)] == [row(1).fields["email"]]


async def test_a_row_that_was_passed_over_takes_nobodys_place(merge: MergeLeads) -> None:
    batch = [row(1), row(1, email="bo@example.com"), row(2, email="bo@example.com")]

    counts = (await merge("randomuser", batch)).counts

    assert counts == SyncCounts(fetched=3, created=2, duplicate=1)


@pytest.mark.parametrize(
    "again",
    [row(1, email="other@example.com", phone="2"), row(1, external_id=None, phone="2")],
    ids=["by external id", "by address"],
)
async def test_two_rows_for_one_known_lead_are_one_update_and_cost_no_other(
    merge: MergeLeads, database: MemoryDatabase, again: IncomingLead
) -> None:
    await merge("randomuser", [row(1)])

    batch = [row(1, email="new@example.com", company="Navy"), again, row(2)]
    counts = (await merge("randomuser", batch)).counts

    assert counts == SyncCounts(fetched=3, created=1, updated=1, duplicate=1)
    (known,) = [lead for lead in await leads(database) if lead.version == 2]
    assert (known.company, known.phone) == ("Navy", None)


async def test_what_was_blank_is_filled_and_what_a_person_wrote_stays(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    await merge("randomuser", [row(phone="1")])

    counts = (await merge("randomuser", [row(phone="2", company="Navy")])).counts

    (lead,) = await leads(database)
    assert counts == SyncCounts(fetched=1, updated=1)
    assert (lead.phone, lead.company, lead.version) == ("1", "Navy", 2)


async def test_the_same_external_id_at_another_source_is_somebody_else(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    await merge("randomuser", [row()])

    counts = (await merge("file", [row(email="other@example.com")])).counts

    assert counts == SyncCounts(fetched=1, created=1)


async def test_rows_without_an_external_id_are_known_by_their_address(merge: MergeLeads) -> None:
    await merge("file", [row(external_id=None)])

    counts = (await merge("file", [row(external_id=None)])).counts

    assert counts == SyncCounts(fetched=1, unchanged=1)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[MemoryLeads, Lead], None]) -> None:
    """Somebody acts on a lead between its being read and its being held."""
    hold = MemoryLeads.hold

    async def contended(self: MemoryLeads, email_keys: Collection[str]) -> Sequence[Lead]:
        for lead in await self.matching([], email_keys):
            act(self, lead)
        return await hold(self, email_keys)

    monkeypatch.setattr(MemoryLeads, "hold", contended)


async def test_an_edit_in_the_middle_of_a_batch_stays_and_costs_no_row(
    merge: MergeLeads, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await merge("randomuser", [row()])

    def edit(work: MemoryLeads, lead: Lead) -> None:
        work._leads[lead.id] = replace(lead, company="Army", version=2)

    meanwhile(monkeypatch, edit)

    counts = (await merge("randomuser", [row(company="Navy", phone="1"), row(2)])).counts

    lead = next(lead for lead in await leads(database) if lead.version > 1)
    assert counts == SyncCounts(fetched=2, created=1, updated=1)
    assert (lead.company, lead.phone, lead.version) == ("Army", "1", 3)


async def test_an_edit_that_leaves_nothing_to_fill_is_left_alone(
    merge: MergeLeads, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await merge("randomuser", [row()])

    def edit(work: MemoryLeads, lead: Lead) -> None:
        work._leads[lead.id] = replace(lead, company="Army", version=2)

    meanwhile(monkeypatch, edit)

    counts = (await merge("randomuser", [row(company="Navy")])).counts

    (lead,) = await leads(database)
    assert counts == SyncCounts(fetched=1, unchanged=1)
    assert (lead.company, lead.version) == ("Army", 2)


async def test_a_lead_that_went_away_in_the_middle_of_a_batch_costs_no_row(
    merge: MergeLeads, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await merge("randomuser", [row()])

    def remove(work: MemoryLeads, lead: Lead) -> None:
        del work._leads[lead.id]

    meanwhile(monkeypatch, remove)

    counts = (await merge("randomuser", [row(company="Navy"), row(2)])).counts

    assert counts == SyncCounts(fetched=2, created=1, unchanged=1)


async def test_a_batch_is_checked_beside_the_event_loop(
    merge: MergeLeads, monkeypatch: pytest.MonkeyPatch
) -> None:
    details, threads = IncomingLead.details, set()

    def watched(self: IncomingLead, source: str) -> LeadDetails:
        threads.add(threading.get_ident())
        return details(self, source)

    monkeypatch.setattr(IncomingLead, "details", watched)

    await merge("randomuser", [row(n) for n in range(3)])

    assert threading.get_ident() not in threads


async def test_a_batch_is_written_at_once_and_not_row_by_row(
    merge: MergeLeads, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []

    def counted(repository: type, name: str) -> None:
        original: Any = getattr(repository, name)

        async def call(self: object, *arguments: Any) -> Any:
            calls.append((name, len(arguments[-1]) if name != "add" else 1))
            return await original(self, *arguments)

        monkeypatch.setattr(repository, name, call)

    for name in ("add", "add_new", "matching", "hold", "save_all"):
        counted(MemoryLeads, name)
    counted(MemorySuppressions, "among")
    counted(MemoryTimeline, "changed_by_keys")

    await merge("randomuser", [row(n) for n in range(1_000)])
    added, calls[:] = [*calls], []
    await merge("randomuser", [row(n, company="Navy") for n in range(1_000)])

    assert added == [("matching", 1_000), ("save_all", 0), ("among", 1_000), ("add_new", 1_000)]
    # who deletes or clears something meanwhile is seen by what is asked later
    assert calls == [
        ("matching", 1_000), ("hold", 1_000), ("changed_by_keys", 1_000), ("save_all", 1_000),
        ("among", 0),
    ]  # fmt: skip


async def test_no_row_is_counted_twice_or_not_at_all(
    merge: MergeLeads, database: MemoryDatabase
) -> None:
    await stored(database, email=a_lead().email)
    batch = [row(1), row(1), row(2), IncomingLead({}), row(3, email="ada@example.com")]

    counts = (await merge("randomuser", batch)).counts

    fates = (counts.created, counts.updated, counts.unchanged, counts.duplicate, counts.invalid)
    assert sum(fates) == counts.fetched == 5
