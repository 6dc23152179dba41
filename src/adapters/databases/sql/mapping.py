"""The only door between rows and entities."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Row, null

from domain.errors import FailureType
from domain.insight import Channel, Insight, NextActionType, Priority, Usage
from domain.lead import LEAD_FIELDS, Lead
from domain.lead_list import name_key, search_text
from domain.phone import phone_key
from domain.summary import (
    LeaseToken,
    PassedOver,
    RunError,
    RunState,
    SummaryRun,
)
from domain.sync import SyncCounts, SyncError, SyncRun, SyncRunId, SyncState

_fields_of = attrgetter(*LEAD_FIELDS)
_FOUND_BY = frozenset({"name", "email", "company", "phone"})
_PLAIN_RUN_FIELDS = (
    "lead_id", "attempts", "crashes", "blamed", "alone", "lease_token", "basis", "provider",
    "model", "prompt_version", "cost", "created_at", "finished_at",
)  # fmt: skip
_plain_run_fields_of = attrgetter(*_PLAIN_RUN_FIELDS)
_STATES = {state.value: state for state in RunState}

_ONLY_TEXT = {
    "next_action_type": NextActionType.FOLLOW_UP,
    "channel": Channel.NONE,
    "priority": Priority.MEDIUM,
    "due_in_days": None,
    "reason": "",
    "claims": (),
}


def lead_values(lead: Lead, changed: Collection[str] = LEAD_FIELDS) -> dict[str, Any]:
    """Its fields, and what it is found, searched and sorted by; or its id and what has changed."""
    values = dict(zip(LEAD_FIELDS, _fields_of(lead), strict=True))
    if changed is not LEAD_FIELDS:
        values = {"id": lead.id, **{name: values[name] for name in LEAD_FIELDS if name in changed}}
        if _FOUND_BY.isdisjoint(changed):
            return values
    values["name_key"] = name_key(lead.name)
    values["search_text"] = search_text(lead.name, lead.email, lead.company)
    values["phone_key"] = phone_key(lead.phone)
    return values


def changed_fields(before: Lead, after: Lead) -> set[str]:
    """The names of those fields that differ."""
    pairs = zip(LEAD_FIELDS, _fields_of(before), _fields_of(after), strict=True)
    return {name for name, old, new in pairs if old is not new and old != new}


def summary_run_values(run: SummaryRun) -> dict[str, Any]:
    """All but `due_at`, which goes by the database's clock; None in JSON would be its `null`."""
    return {
        "id": run.id,
        "state": run.state.value,
        "error": run.error or null(),
        "insight": run.insight or null(),
        "input_tokens": run.usage.input_tokens,
        "output_tokens": run.usage.output_tokens,
        "latency_ms": None if run.latency is None else round(run.latency.total_seconds() * 1000),
        "passed_over": run.passed_over,
        **dict(zip(_PLAIN_RUN_FIELDS, _plain_run_fields_of(run), strict=True)),
    }


def summary_run_of(row: Sequence[Any]) -> SummaryRun:
    """Of all columns of its table, in their order."""
    (
        run_id, lead_id, state, attempts, crashes, blamed, alone, due_at, lease_token, error,
        insight, basis, provider, model, prompt_version, input_tokens, output_tokens, cost,
        latency_ms, passed_over, created_at, finished_at,
    ) = row  # fmt: skip
    values = (
        run_id, lead_id, _STATES[state], attempts, crashes, blamed, alone,
        due_at if state == RunState.PENDING else None,
        lease_token,
        due_at if state == RunState.RUNNING else None,
        _run_error(error),
        _insight(insight) if insight else None,
        basis, provider, model, prompt_version,
        Usage(input_tokens, output_tokens),
        cost,
        None if latency_ms is None else timedelta(milliseconds=latency_ms),
        msgspec.convert(passed_over, tuple[PassedOver, ...]) if passed_over else (),
        created_at, finished_at,
    )  # fmt: skip
    return SummaryRun.of_values(values)


def sync_run_values(run: SyncRun) -> dict[str, Any]:
    """All but `due_at`, which goes by the database's clock."""
    return {
        "id": run.id,
        "source": run.source,
        "slot": run.slot,
        "state": run.state.value,
        "counts": asdict(run.counts),
        "rejects_kept": run.rejects_kept,
        "retried_from": run.retried_from,
        "upload": run.upload,
        "dry_run": run.dry_run,
        "error": asdict(run.error) if run.error else null(),
        "crashes": run.crashes,
        "lease_token": run.lease_token,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def sync_run_of(row: Row[Any]) -> SyncRun:
    state = SyncState(row.state)
    return SyncRun(
        id=SyncRunId(row.id),
        source=row.source,
        slot=row.slot,
        state=state,
        counts=SyncCounts(**row.counts),
        rejects_kept=row.rejects_kept,
        retried_from=SyncRunId(row.retried_from) if row.retried_from else None,
        upload=row.upload,
        dry_run=row.dry_run,
        error=SyncError(**row.error) if row.error else None,
        crashes=row.crashes,
        lease_token=LeaseToken(row.lease_token) if row.lease_token else None,
        lease_until=row.due_at if state is SyncState.RUNNING else None,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _insight(stored: Mapping[str, Any]) -> Insight:
    """What was kept before 0007 is no more than its text."""
    return msgspec.convert({**_ONLY_TEXT, **stored}, Insight)


def _run_error(stored: Mapping[str, str] | None) -> RunError | None:
    return RunError(FailureType(stored["type"]), stored["detail"]) if stored else None
