"""The conditions and the orders of a list of leads, in SQL."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement

from adapters.databases.sql.rows import LEADS
from domain.lead_list import LeadFilter, folded

SORT_KEYS: Mapping[str, ColumnElement[Any]] = {
    "created_at": LEADS.c.created_at,
    "updated_at": LEADS.c.updated_at,
    "name": LEADS.c.name_key,
}


def conditions(wanted: LeadFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("status", "source", "summary_status"):
        if (value := getattr(wanted, name)) is not None:
            yield LEADS.c[name] == value
    if wanted.q is not None:
        yield LEADS.c.search_text.contains(folded(wanted.q), autoescape=True)
    if wanted.created_after is not None:
        yield LEADS.c.created_at > wanted.created_after
    if wanted.created_before is not None:
        yield LEADS.c.created_at < wanted.created_before
    if wanted.updated_after is not None:
        yield LEADS.c.updated_at > wanted.updated_after
