"""The pages of lists of leads, in SQL: one statement for each set of conditions and order."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from adapters.databases.sql.lead_statements import IS_LIVE, LEAD_COLUMNS
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS
from domain.lead_list import LeadFilter, LeadSort, folded
from domain.ports import Position

_LEAD = LEADS.c
_SORT_KEYS: Mapping[str, ColumnElement[Any]] = {
    "created_at": _LEAD.created_at,
    "updated_at": _LEAD.updated_at,
    "name": _LEAD.name_key,
}
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "status": _LEAD.status == bindparam("status"),
    "source": _LEAD.source == bindparam("source"),
    "summary_status": _LEAD.summary_status == bindparam("summary_status"),
    "q": _LEAD.search_text.like(bindparam("q"), escape="/"),
    "created_after": _LEAD.created_at > bindparam("created_after"),
    "created_before": _LEAD.created_at < bindparam("created_before"),
    "updated_after": _LEAD.updated_at > bindparam("updated_after"),
}
_ESCAPES = str.maketrans({sign: f"/{sign}" for sign in "/%_"})


def page_of_leads(
    limit: int, after: Position | None, wanted: LeadFilter, sort: LeadSort
) -> tuple[Prepared, Mapping[str, Any]]:
    """The statement for a page of live leads by `LEAD_FIELDS`, and its values."""
    values = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    statement = _page(tuple(values), sort, goes_on=after is not None)
    if wanted.q is not None:
        values["q"] = f"%{folded(wanted.q).translate(_ESCAPES)}%"
    if after is not None:
        values |= {"after_key": after.key, "after_id": after.id}
    return statement, {**values, "limit": limit}


@lru_cache(maxsize=256)
def _page(conditions: tuple[str, ...], sort: LeadSort, *, goes_on: bool) -> Prepared:
    key, down = _SORT_KEYS[sort.field], sort.downwards
    order = (key.desc(), _LEAD.id.desc()) if down else (key, _LEAD.id)
    query: Select[Any] = (
        select(*LEAD_COLUMNS)
        .where(IS_LIVE, *(_CONDITIONS[name] for name in conditions))
        .order_by(*order)
        .limit(bindparam("limit"))
    )
    if goes_on:
        seen = tuple_(
            bindparam("after_key", type_=key.type), bindparam("after_id", type_=_LEAD.id.type)
        )
        place = tuple_(key, _LEAD.id)
        query = query.where(place < seen if down else place > seen)
    return Prepared(query)
