"""Timelines and activities: kept in order, each lead's its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.system import UuidV7Ids
from domain.activity import Activity, ActivityId, ActivityType
from domain.lead import Lead
from domain.ports import Position
from domain.timeline import Event, EventId, EventType, FieldChange
from tests.builders import NOW, SOMEBODY
from tests.contracts.databases.recording import Database, RecordingHook, stored

_ids = UuidV7Ids()


def an_event(lead: Lead, seconds: int = 0) -> Event:
    return Event(
        id=EventId(_ids.new()),
        lead_id=lead.id,
        type=EventType.CHANGED,
        by=SOMEBODY,
        created_at=NOW + timedelta(seconds=seconds),
        changes=(FieldChange("phone", None, "+1 555 0100"), FieldChange("notes", "a\nb", None)),
        subject=_ids.new(),
    )


def an_activity(lead: Lead, seconds: int = 0) -> Activity:
    return Activity(
        id=ActivityId(_ids.new()),
        lead_id=lead.id,
        type=ActivityType.CALL,
        text="Asked for a demo.\nCalls back.",
        by=SOMEBODY,
        occurred_at=NOW - timedelta(hours=1),
        created_at=NOW + timedelta(seconds=seconds),
    )


class HistoryContract:
    async def test_events_are_paged_newest_first_each_lead_its_own(
        self, database: Database
    ) -> None:
        lead = await stored(database)
        other = await stored(database, email="b@example.com")
        events = [an_event(lead, seconds) for seconds in (0, 0, 1)]
        async with database() as work:
            await work.timeline.add([*events, an_event(other)])

        async with database(reads_only=True) as work:
            first = await work.timeline.page(lead.id, 2, None)
            after = Position(first[-1].created_at, first[-1].id)
            rest = await work.timeline.page(lead.id, 2, after)

        assert [*first, *rest] == events[::-1]

    async def test_many_events_come_back_as_they_were_told(self, database: Database) -> None:
        lead = await stored(database)
        events = [an_event(lead, seconds) for seconds in range(150)]
        events[7] = replace(events[7], changes=(), subject=None)
        async with database() as work:
            await work.timeline.add(events)

        async with database(reads_only=True) as work:
            assert list(await work.timeline.page(lead.id, 200, None)) == events[::-1]

    async def test_no_events_are_none(self, database: Database) -> None:
        lead = await stored(database)
        async with database() as work:
            await work.timeline.add([])

        async with database(reads_only=True) as work:
            assert list(await work.timeline.page(lead.id, 10, None)) == []

    async def test_activities_are_paged_newest_first_each_lead_its_own(
        self, database: Database
    ) -> None:
        lead = await stored(database)
        other = await stored(database, email="b@example.com")
        activities = [an_activity(lead, seconds) for seconds in (0, 0, 1)]
        async with database() as work:
            for activity in (*activities, an_activity(other)):
                await work.activities.add(activity)

        async with database(reads_only=True) as work:
            first = await work.activities.page(lead.id, 2, None)
            after = Position(first[-1].created_at, first[-1].id)
            rest = await work.activities.page(lead.id, 2, after)

        assert [*first, *rest] == activities[::-1]

    async def test_the_newest_activities_of_many_leads_are_read_at_once(
        self, database: Database
    ) -> None:
        leads = [await stored(database, email=f"{name}@example.com") for name in "abc"]
        told = {lead.id: [an_activity(lead, s) for s in (0, 2, 1)] for lead in leads[:2]}
        async with database() as work:
            for activity in (*told[leads[0].id], *told[leads[1].id]):
                await work.activities.add(activity)

        async with database(reads_only=True) as work:
            found = await work.activities.newest_of([lead.id for lead in leads], 2)

        assert {lead_id: list(each) for lead_id, each in found.items()} == {
            lead_id: [newest, middle] for lead_id, (_, newest, middle) in told.items()
        }

    async def test_the_moves_of_many_leads_are_those_of_each(self, database: Database) -> None:
        moved, still = await stored(database), await stored(database, email="b@example.com")
        moves = [("new", "contacted"), ("contacted", "qualified")]
        async with database() as work:
            for seconds, (before, after) in enumerate(moves):
                change = FieldChange("status", before, after)
                await work.timeline.add([replace(an_event(moved, seconds), changes=(change,))])
            await work.timeline.add([an_event(moved, 5), an_event(still, 5)])

        async with database(reads_only=True) as work:
            found = await work.timeline.stage_moves_of([moved.id, still.id], 1)
            alone = (await work.timeline.stage_moves_of([moved.id], 1))[moved.id]

        assert {lead_id: list(each) for lead_id, each in found.items()} == {moved.id: list(alone)}
        assert [(move.before, move.after) for move in alone] == moves[1:]

    async def test_a_change_and_its_event_are_kept_together_or_not_at_all(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async def no_commit() -> None:
            raise ZeroDivisionError

        hook.look = no_commit
        with pytest.raises(ZeroDivisionError):
            async with database() as work:
                await work.leads.save(lead.changed({"phone": "1"}, NOW))
                await work.timeline.add([an_event(lead)])
                await work.activities.add(an_activity(lead))

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) == lead
            assert list(await work.timeline.page(lead.id, 10, None)) == []
            assert list(await work.activities.page(lead.id, 10, None)) == []
