"""What is asked for where many leads are to be summarised: the body, and its check."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.bulk_summary import MAX_LEADS, BulkRequest
from domain.errors import FieldProblem, InvalidBulkSummary
from domain.lead import SummaryStatus
from domain.lead_fields import LeadStatus
from domain.lead_list import LeadFilter, LeadSort
from entrypoints.http.bodies import members
from entrypoints.http.cursors import Cursors
from entrypoints.http.lead_query import Q_RULE, SOURCE_RULE, LeadQuery, filter_of


class WantedLeads(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The leads that `GET /leads` shows with these parameters; all of them unless told."""

    status: LeadStatus | UnsetType = UNSET
    source: Annotated[str, Meta(max_length=SOURCE_RULE.max_length)] | UnsetType = UNSET
    summary_status: SummaryStatus | UnsetType = UNSET
    q: Annotated[str, Meta(max_length=Q_RULE.max_length)] | UnsetType = UNSET
    created_after: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    created_before: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    updated_after: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET


class NewBulkSummary(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which leads to summarise, newest first; all that match unless told."""

    filter: WantedLeads | UnsetType = UNSET
    only_stale: Annotated[
        bool, Meta(description="Only leads with a summary of which something has moved since")
    ] = False
    force: Annotated[bool, Meta(description="Ask the AI again although nothing has changed")] = (
        False
    )
    limit: Annotated[
        int, Meta(ge=1, le=MAX_LEADS, description="How many of the leads are looked at")
    ] = 100
    cursor: Annotated[
        str | None,
        Meta(description="The `next_cursor` of the request before, by the same `filter`"),
    ] = None


def asked_of(body: object, cursors: Cursors) -> BulkRequest:
    """Check a body of any type; InvalidBulkSummary names every broken rule."""
    given = members(body, InvalidBulkSummary)
    wrong = _unknown(given, NewBulkSummary)
    wanted = _filter(given.get("filter", {}), wrong)
    only_stale, force = (_flag(name, given, wrong) for name in ("only_stale", "force"))
    limit = _limit(given.get("limit", 100), wrong)
    cursor = given.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        wrong.append(FieldProblem("cursor", "type", "cursor must be a string"))
    if wrong:
        raise InvalidBulkSummary(wrong)
    return BulkRequest(
        wanted=wanted,
        only_stale=only_stale,
        force=force,
        limit=limit,
        after=list_of(wanted).after(cursors, None if cursor is None else str(cursor)),
    )


def list_of(wanted: LeadFilter) -> LeadQuery:
    """The list that a request walks through, and whose cursors go on there."""
    return LeadQuery(wanted, LeadSort.NEWEST)


def _filter(given: object, wrong: list[FieldProblem]) -> LeadFilter:
    if not isinstance(given, Mapping):
        wrong.append(FieldProblem("filter", "type", "filter must be a JSON object"))
        return LeadFilter()
    inside = _unknown(given, WantedLeads)
    inside += [
        FieldProblem(name, "type", f"{name} must not be null: leave it out")
        for name, value in given.items()
        if value is None and name in WantedLeads.__struct_fields__
    ]
    wanted = filter_of(given, inside)
    wrong += [replace(problem, within=("filter",)) for problem in inside]
    return wanted


def _unknown(given: Mapping[str, object], known: type[msgspec.Struct]) -> list[FieldProblem]:
    return [
        FieldProblem(name, "unknown_field", "this field is not known")
        for name in given
        if name not in known.__struct_fields__
    ]


def _flag(name: str, given: Mapping[str, object], wrong: list[FieldProblem]) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        wrong.append(FieldProblem(name, "type", f"{name} must be true or false"))
    return value is True


def _limit(value: object, wrong: list[FieldProblem]) -> int:
    # 10.0 is a whole number to JSON Schema, and true is one to Python
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        wrong.append(FieldProblem("limit", "type", "limit must be a whole number"))
        return 0
    if not 1 <= value <= MAX_LEADS:
        detail = f"limit must be from 1 to {MAX_LEADS}"
        wrong.append(FieldProblem("limit", "range", detail))
    return value
