"""Judges what clients read: never older than what they, or anybody, had been told before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from domain.lead import Lead
from tests.simulation.history import (
    Answered,
    Began,
    Committed,
    Event,
    Fenced,
    Forgotten,
    NotFound,
    Put,
)

OPEN = {"pending", "running"}
FENCE_STANDS = 10.0
"""Seconds for which the cache keeps a fence."""
SHOWN = ("name", "email", "summary", "next_action", "summary_status")


@dataclass(slots=True)
class Freshness:
    """Floors are the versions that somebody has been told of, by lead.

    One case is beyond the cache's protocol and excused: a fence that was lost, or outlived,
    before its commit, until the writer's put comes through.
    """

    excused: int = 0
    broken: list[str] = field(default_factory=list)
    _floors: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    _requests: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
    """When each began, with the floor and the excuse of its lead at that moment."""
    _versions: dict[tuple[UUID, int], Lead] = field(default_factory=dict)
    _runs: dict[UUID, list[tuple[int, bool, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """When each run was opened (True) or ended, with its lead's version since."""
    _fences: dict[UUID, tuple[float, int]] = field(default_factory=dict)
    _uncovered: dict[UUID, int] = field(default_factory=dict)

    def check(self, events: Iterable[Event]) -> list[str]:
        for number, event in enumerate(events):
            match event:
                case Began(op, lead):
                    floor = self._floors[lead] if lead else 0
                    self._requests[op] = number, floor, lead in self._uncovered
                case Committed():
                    self._committed(number, event)
                case Answered():
                    self._answered(event)
                case NotFound(op, lead):
                    if self._requests[op][1]:
                        self.broken.append(f"request {op} did not find lead {lead}")
                case Fenced() | Put() | Forgotten():
                    self._cache_changed(event)
        return self.broken

    def _committed(self, number: int, event: Committed) -> None:
        versions: dict[UUID, int] = {lead.id: lead.version for lead in event.leads}
        for lead in event.leads:
            self._versions[lead.id, lead.version] = lead
            fenced, _ = self._fences.get(lead.id, (event.at, 0))
            if event.at - fenced > FENCE_STANDS:
                self._uncovered[lead.id] = lead.version
        for run in event.runs:
            known, is_open = self._runs[run.id], run.state in OPEN
            if (not known or known[-1][1] != is_open) and run.lead_id in versions:
                known.append((number, is_open, versions[run.lead_id]))

    def _answered(self, event: Answered) -> None:
        began, floor, excused = self._requests[event.op]
        told = 1
        if event.run is not None:
            told = self._earliest(event.run, event.run_is_open, began)
        elif event.seen is not None:
            told = event.seen["version"]
            self._read(event, floor, excused or event.lead in self._uncovered)
        self._floors[event.lead] = max(self._floors[event.lead], told)

    def _earliest(self, run: UUID, is_open: bool, began: int) -> int:
        """The version that this state of a run speaks of, at the earliest, to who asked then."""
        changes = self._runs[run]
        before = [change for change in changes if change[0] < began][-1:]
        after = [change for change in changes if change[0] > began]
        return next((version for _, state, version in (*before, *after) if state is is_open), 0)

    def _read(self, event: Answered, floor: int, excused: bool) -> None:
        seen = event.seen or {}
        row = self._versions.get((event.lead, seen["version"]))
        if row is None or any(seen[name] != getattr(row, name) for name in SHOWN):
            self.broken.append(f"request {event.op} read what was never committed: {seen}")
        elif seen["version"] < floor and excused:
            self.excused += 1
        elif seen["version"] < floor:
            self.broken.append(
                f"request {event.op} read lead {event.lead} at {seen['version']} after {floor}"
            )

    def _cache_changed(self, event: Fenced | Put | Forgotten) -> None:
        match event:
            case Fenced(at, lead, version):
                self._fences[lead] = at, version
            case Put(lead, version):
                if version >= self._uncovered.get(lead, version):
                    self._uncovered.pop(lead, None)
            case Forgotten(at, forgotten):
                self._forgotten(at, forgotten)

    def _forgotten(self, at: float, forgotten: UUID | None) -> None:
        for lead, (fenced, version) in self._fences.items():
            waits = (lead, version) not in self._versions and at - fenced <= FENCE_STANDS
            if waits and forgotten in {None, lead}:
                self._uncovered[lead] = version
