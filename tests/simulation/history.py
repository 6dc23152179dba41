"""What happened, in order: all that the checker gets to see."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.insight import Insight
from domain.lead import Lead
from domain.summary import SummaryRun
from domain.sync import SyncRun


@dataclass(frozen=True, slots=True)
class Began:
    """A client sent a request; `op` names it."""

    op: int
    lead: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A client has its answer: what was created, asked for or read."""

    op: int
    lead: UUID
    email: str | None = None
    run: UUID | None = None
    run_is_open: bool = True
    seen: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """A client was told that this lead does not exist."""

    op: int
    lead: UUID


@dataclass(frozen=True, slots=True)
class Committed:
    """The rows that a transaction of process `by` changed, as they stand since."""

    by: str
    at: float
    leads: tuple[Lead, ...]
    runs: tuple[SummaryRun, ...]
    syncs: tuple[SyncRun, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What the AI answered on one call: an insight or the type of its failure."""

    email: str
    insight: Insight | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A lead source was read to its end by a process, and offered these addresses."""

    source: str
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """A scheduler was told which run stands for this slot."""

    run: UUID


@dataclass(frozen=True, slots=True)
class Hit:
    """A process was killed, or held up for so long that it may lose its leases."""

    process: str


@dataclass(frozen=True, slots=True)
class Fenced:
    at: float
    lead: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Put:
    lead: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The cache lost what it held of this lead, or of all."""

    at: float
    lead: UUID | None


Event = (
    Began | Answered | NotFound | Committed | Said | Offered | Ticked
    | Hit | Fenced | Put | Forgotten
)  # fmt: skip


@dataclass(slots=True)
class History:
    events: list[Event] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    """How often each situation occurred; for people, the checker does not look at it."""

    def add(self, event: Event) -> None:
        self.events.append(event)
