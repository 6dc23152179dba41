"""A request to summarise many leads at once: what is asked for, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from domain.lead_list import ALL_LEADS, LeadFilter
from domain.ports import Position
from domain.summary import RunState

BulkSummaryId = NewType("BulkSummaryId", UUID)

MAX_LEADS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRequest:
    """The newest `limit` of the wanted leads after a place in their list.

    `only_stale` leaves out those that have no summary, or one of which nothing has moved;
    `force` asks again although nothing has moved.
    """

    wanted: LeadFilter = ALL_LEADS
    only_stale: bool = False
    force: bool = False
    limit: int = 100
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSummary:
    """What was found when it was asked for: new runs, open ones that were joined, and leads
    whose summary was still true. `rest` is where the list goes on, None at its end.
    """

    id: BulkSummaryId
    wanted: LeadFilter
    queued: int
    joined: int
    unchanged: int
    rest: Position | None
    created_at: datetime

    @property
    def matched(self) -> int:
        return self.queued + self.joined + self.unchanged


@dataclass(frozen=True, slots=True)
class BulkStatus:
    """How many of its runs are in each state now; those that nobody is in are left out."""

    bulk: BulkSummary
    runs: Mapping[RunState, int]

    @property
    def is_finished(self) -> bool:
        return not any(state.is_open and count for state, count in self.runs.items())
