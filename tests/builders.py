"""Leads and runs for tests, whole and valid unless told otherwise."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapters.system import UuidV7Ids
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.summary import SummaryRun, SummaryRunId
from domain.sync import SyncRun, SyncRunId
from domain.timeline import Actor, ActorKind

SOMEBODY = Actor(ActorKind.KEY, "somebody")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_ids = UuidV7Ids()


def some_details(**but: object) -> LeadDetails:
    return LeadDetails.of({"name": "Ada Lovelace", "email": "ada@example.com", **but})


def a_lead(**but: Any) -> Lead:
    """Details may be given by name, and so may what the system owns (`id`, `version`, …)."""
    owned = {key: but.pop(key) for key in list(but) if key in OWNED}
    lead_id = LeadId(owned.pop("id", None) or _ids.new())
    lead = Lead.new(lead_id, some_details(**but), owned.get("created_at", NOW))
    return replace(lead, **owned)


def a_run(lead: Lead, **but: Any) -> SummaryRun:
    run = SummaryRun(id=SummaryRunId(_ids.new()), lead_id=lead.id, created_at=NOW)
    return replace(run, **but)


def a_sync(**but: Any) -> SyncRun:
    return replace(SyncRun(id=SyncRunId(_ids.new()), source="randomuser", created_at=NOW), **but)


OWNED = {
    "id", "summary", "next_action", "summary_status", "summarized_at", "created_at",
    "updated_at", "version",
}  # fmt: skip
