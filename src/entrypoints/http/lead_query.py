"""What a list of leads is asked for: which leads, and in what order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec import Meta

from domain.errors import FieldProblem
from domain.lead import SummaryStatus
from domain.lead_fields import TEXT_RULES, LeadStatus, TextRule, checked_text
from domain.lead_list import LeadFilter, LeadSort
from domain.ports import Position
from entrypoints.http.cursors import Cursors

Q_RULE = TextRule(200, required=True)
SOURCE_RULE = TextRule(TEXT_RULES["source"].max_length, required=True)
AwareTime: TypeAlias = Annotated[datetime, Meta(tz=True)]
E = TypeVar("E", bound=StrEnum)


def _time(description: str) -> QueryParameter:
    return QueryParameter(
        description=f"{description}; RFC 3339 with an offset, its `+` sent as `%2B`",
        format="date-time",
        examples=[Example(value="2026-11-24T12:00:00Z")],
    )


def _choice(description: str, choices: type[StrEnum], example: StrEnum) -> QueryParameter:
    return QueryParameter(
        description=description,
        enum=[choice.value for choice in choices],
        examples=[Example(value=example.value)],
    )


def _text(description: str, rule: TextRule, example: str) -> QueryParameter:
    return QueryParameter(
        description=description,
        schema_extra={"minLength": 1, "maxLength": rule.max_length},
        examples=[Example(value=example)],
    )


_STATUS = _choice("Only leads in this status", LeadStatus, LeadStatus.QUALIFIED)
_SOURCE = _text("Only leads that came from here: `manual`, or a source's name", SOURCE_RULE, "fair")
_SUMMARY_STATUS = _choice(
    "Only leads whose latest summary run stands so", SummaryStatus, SummaryStatus.FAILED
)
_Q = _text(
    "Only leads whose name, e-mail or company holds this text, in any case; no wildcards",
    Q_RULE,
    "lovelace",
)
_SORT = _choice(
    "By this and then by `id`, downwards after a minus. A walk by the time of creation shows every"
    " lead that stays exactly once, whatever is added and deleted meanwhile. A lead that is changed"
    " under a walk by `updated_at` moves to the end and may be shown again; by `-updated_at` it"
    " moves to the front and may be missed; by `name` both may happen to a lead that is renamed."
    " Names go by code points, case aside.",
    LeadSort,
    LeadSort.NEWEST,
)
FILTERS = (
    "status", "source", "summary_status", "q", "created_after", "created_before", "updated_after",
    "sort",
)  # fmt: skip


@dataclass(frozen=True)
class LeadQuery:
    wanted: LeadFilter
    sort: LeadSort

    @cached_property
    def of_list(self) -> str:
        """The list's name for its cursors: another filter or sort is another list."""
        return f"leads {sha256(msgspec.json.encode(self)).hexdigest()[:32]}"

    def after(self, cursors: Cursors, cursor: str | None) -> Position | None:
        by_name = self.sort.field == "name"
        return cursors.read(cursor, self.of_list, str if by_name else datetime.fromisoformat)


async def lead_query(
    *,
    status: Annotated[str | None, _STATUS] = None,
    source: Annotated[str | None, _SOURCE] = None,
    summary_status: Annotated[str | None, _SUMMARY_STATUS] = None,
    q: Annotated[str | None, _Q] = None,
    created_after: Annotated[str | None, _time("Only leads created later than this")] = None,
    created_before: Annotated[str | None, _time("Only leads created earlier than this")] = None,
    updated_after: Annotated[str | None, _time("Only leads changed later than this")] = None,
    sort: Annotated[str, _SORT] = LeadSort.NEWEST.value,
) -> LeadQuery:
    """A parameter that makes no sense is a 400, which names all that make none."""
    wrong: list[FieldProblem] = []
    query = LeadQuery(
        filter_of(
            {
                "status": status,
                "source": source,
                "summary_status": summary_status,
                "q": q,
                "created_after": created_after,
                "created_before": created_before,
                "updated_after": updated_after,
            },
            wrong,
        ),
        _one_of(LeadSort, "sort", sort, wrong) or LeadSort.NEWEST,
    )
    if wrong:
        raise ClientException("; ".join(problem.detail for problem in wrong))
    return query


Asked: TypeAlias = NamedDependency[LeadQuery]


def filter_of(given: Mapping[str, object], wrong: list[FieldProblem]) -> LeadFilter:
    """Of conditions of any type, None where one is not given; broken rules are added to `wrong`."""
    source, q = given.get("source"), given.get("q")
    return LeadFilter(
        status=_one_of(LeadStatus, "status", given.get("status"), wrong),
        source=None if source is None else checked_text("source", SOURCE_RULE, source, wrong),
        summary_status=_one_of(SummaryStatus, "summary_status", given.get("summary_status"), wrong),
        q=None if q is None else checked_text("q", Q_RULE, q, wrong),
        created_after=_moment("created_after", given.get("created_after"), wrong),
        created_before=_moment("created_before", given.get("created_before"), wrong),
        updated_after=_moment("updated_after", given.get("updated_after"), wrong),
    )


def _one_of(choices: type[E], name: str, given: object, wrong: list[FieldProblem]) -> E | None:
    if given is None:
        return None
    known: Sequence[E] = list(choices)
    if not isinstance(given, str) or given not in known:
        wrong.append(FieldProblem(name, "choice", f"{name} must be one of: {', '.join(known)}"))
        return None
    return choices(given)


def _moment(name: str, given: object, wrong: list[FieldProblem]) -> datetime | None:
    if given is None:
        return None
    try:
        return msgspec.convert(given, AwareTime).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        hint = (
            ", and a + in a query must be sent as %2B"
            if isinstance(given, str) and " " in given
            else ""
        )
        detail = f"{name} must be a time like 2026-11-24T12:00:00Z, with an offset{hint}"
        wrong.append(FieldProblem(name, "time", detail))
        return None
