"""Leads and runs for tests, whole and valid unless told otherwise."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapters.databases.memory import MemoryDatabase
from adapters.rate_limits.none import NoRateLimit
from adapters.system import SystemClock, UuidV7Ids
from application.ai_gate import AiGate
from application.ask_summarizer import AskSummarizer
from application.spending import Spending, Throttle
from application.summarizer_chain import SummarizerChain
from domain.basis import Basis, fact_digests
from domain.budget import DailyCaps
from domain.insight import Channel, Claim, Confidence, Insight, NextActionType, Priority
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.ports import Summarizer
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


def an_insight(**but: Any) -> Insight:
    """On nobody in particular."""
    insight = Insight(
        summary="Who.",
        next_action="Do it.",
        next_action_type=NextActionType.FOLLOW_UP,
        channel=Channel.EMAIL,
        priority=Priority.MEDIUM,
        due_in_days=3,
        reason="It is due.",
        claims=(Claim("Somebody is known by name.", ("name",)),),
    )
    return replace(insight, **but)


def a_basis(lead: Lead | None = None, **but: Any) -> Basis:
    """Of a summary by a fake that was made of the lead as it is, or of nothing."""
    basis = Basis(
        run_id=_ids.new(),
        provider="fake",
        model="m",
        input_hash="0" * 64,
        confidence=Confidence.LOW,
        missing=("phone",),
        facts=fact_digests(lead.facts if lead else {}),
        activities=lead.activities if lead else 0,
        stage_moves=lead.stage_moves if lead else 0,
    )
    return replace(basis, **but)


def free_spending() -> Spending:
    """Counts calls in a database of its own, and limits none."""
    return Spending(MemoryDatabase(SystemClock()), SystemClock(), prices={}, caps=DailyCaps())


def an_open_gate() -> AiGate:
    return AiGate(free_spending(), links={})


def an_asker(seconds: Callable[[], float] = time.monotonic) -> AskSummarizer:
    throttle = Throttle(NoRateLimit(), _ids)
    return AskSummarizer(free_spending(), throttle, seconds=seconds, aside=_at_once)


async def _at_once(work: Callable[..., Any], *arguments: object) -> Any:
    return work(*arguments)


def chain_of(
    summarizer: Summarizer, seconds: Callable[[], float] = time.monotonic
) -> SummarizerChain:
    """Asks this one, however little is known."""
    return SummarizerChain({"fake": summarizer}, for_sparse=summarizer, ask=an_asker(seconds))


def a_sync(**but: Any) -> SyncRun:
    return replace(SyncRun(id=SyncRunId(_ids.new()), source="randomuser", created_at=NOW), **but)


OWNED = {
    "id", "summary", "next_action", "summary_status", "summarized_at", "created_at",
    "updated_at", "version", "insight", "basis", "activities", "stage_moves",
}  # fmt: skip
