"""Judges a history: every broken promise as one sentence.

It knows what was promised and nothing of how it is kept: it sees what clients were told,
what the AI and the sources said, and the rows as each commit left them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from domain.lead import Lead
from domain.summary import SummaryRun
from domain.sync import SyncRun
from tests.simulation.freshness import Freshness
from tests.simulation.history import Answered, Committed, Event, Hit, Said
from tests.simulation.syncs import broken_syncs

ATTEMPTS = {"blocked": 1, "internal": 1, "schema": 2, "truncated": 2, "ungrounded": 2}
"""How many failures a run may end with, by the last one's type; RETRIES for all others."""
RETRIES = 4
EXCUSED_AFTER = 3
"""So many workers must have died, or stood still, with a run before it may be given up."""
OPEN = {"pending", "running"}


@dataclass(slots=True)
class Checker:
    """`fair` says that each run is to cost one call; `broken` is filled by `check`."""

    fair: bool
    excused: int = 0
    """Stale reads that Freshness excuses."""
    broken: list[str] = field(default_factory=list)
    leads: dict[UUID, Lead] = field(default_factory=dict)
    runs: dict[UUID, SummaryRun] = field(default_factory=dict)
    syncs: dict[UUID, SyncRun] = field(default_factory=dict)
    _said: dict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    _claimants: dict[UUID, str] = field(default_factory=dict)
    """Which process claimed under which token."""
    _hits: Counter[UUID] = field(default_factory=Counter)
    """How often a process was hit that held this run."""

    def check(self, events: Iterable[Event]) -> list[str]:
        events = list(events)
        for event in events:
            match event:
                case Committed():
                    self._committed(event)
                case Said(email):
                    self._said[email].append(event)
                case Hit(process):
                    self._hit(process)
        self._nothing_was_lost(events)
        self._everything_ended()
        freshness = Freshness()
        self.broken += freshness.check(events) + broken_syncs(events, self.leads, self.syncs)
        self.excused = freshness.excused
        return self.broken

    def _expect(self, promise: bool, otherwise: str) -> None:
        if not promise:
            self.broken.append(otherwise)

    def _committed(self, event: Committed) -> None:
        for run in event.runs:
            self._run_changed(self.runs.get(run.id), run, event)
            self.runs[run.id] = run
        for lead in event.leads:
            self._lead_changed(self.leads.get(lead.id), lead, event)
            self.leads[lead.id] = lead
        for sync in event.syncs:
            self._lease_moved(self.syncs.get(sync.id), sync, event)
            self.syncs[sync.id] = sync

    def _run_changed(self, before: SummaryRun | None, after: SummaryRun, event: Committed) -> None:
        self._lease_moved(before, after, event)
        opened = before is None or before.state not in OPEN
        if after.state in OPEN:
            rivals = [run for run in self.runs.values() if run.lead_id == after.lead_id]
            alone = not any(run.state in OPEN for run in rivals if run.id != after.id)
            self._expect(alone, f"lead {after.lead_id} has two open runs")
        elif opened:
            self.broken.append(f"run {after.id} has a second result")
        if opened == (after.state not in OPEN):
            return
        lead = next((lead for lead in event.leads if lead.id == after.lead_id), None)
        if before and after.state not in OPEN:
            self._result(before, after, event)
            wanted = "ready" if after.state == "succeeded" else "failed"
        else:
            wanted = "processing"
        self._expect(
            lead is not None and lead.summary_status == wanted,
            f"run {after.id} became {after.state} and its lead not {wanted}",
        )

    def _lease_moved(
        self, before: SummaryRun | SyncRun | None, after: SummaryRun | SyncRun, event: Committed
    ) -> None:
        """A lease that stands is ended or moved by nobody but its holder."""
        held = before.lease_token if before else None
        if before and held and before.lease_until is not None:
            stands = before.lease_until.timestamp() > event.at
            self._expect(
                self._claimants[held] == event.by or not stands,
                f"{event.by} touched run {after.id} under the lease of {self._claimants[held]}",
            )
        if after.lease_token and after.lease_token != held:
            self._expect(
                after.lease_token not in self._claimants
                or self._claimants[after.lease_token] == event.by,
                f"run {after.id} is held under somebody else's token",
            )
            self._claimants[after.lease_token] = event.by
            if after.lease_until and after.lease_until.timestamp() <= event.at:
                # its worker stood still before the commit
                self._hits[after.id] += 1

    def _result(self, before: SummaryRun, after: SummaryRun, event: Committed) -> None:
        """A run came to its end: by its holder, with what the AI really said of this lead."""
        token = before.lease_token
        self._expect(
            token is not None and self._claimants[token] == event.by,
            f"run {after.id} was ended by {event.by}, which does not hold it",
        )
        said = self._said[self.leads[after.lead_id].email]
        if after.state == "succeeded":
            told = any(one.insight and one.insight == after.insight for one in said)
            self._expect(told, f"run {after.id} holds what the AI never said of its lead")
        else:
            self._expect(after.insight is None, f"run {after.id} failed with an insight")
            self._failure(after, said)
        paid = [one for one in said if one.failure != "credentials"]
        self._expect(
            after.attempts <= len(paid), f"run {after.id} counts attempts that it never made"
        )

    def _failure(self, run: SummaryRun, said: list[Said]) -> None:
        kind = run.error.type.value if run.error else "untyped"
        if kind == "crashed":
            excused = self._hits[run.id] >= EXCUSED_AFTER
            self._expect(excused, f"run {run.id} was given up as crashed")
            return
        failures = [one.failure for one in said if one.failure not in {None, "credentials"}]
        enough = kind in failures and len(failures) >= ATTEMPTS.get(kind, RETRIES)
        self._expect(enough, f"run {run.id} ended {kind} after {failures}")

    def _lead_changed(self, before: Lead | None, after: Lead, event: Committed) -> None:
        version = before.version if before else 0
        self._expect(
            after.version == version + 1, f"lead {after.id} went from {version} to {after.version}"
        )
        known = (before.summary, before.next_action) if before else (None, None)
        shown = (after.summary, after.next_action)
        insights = [
            (run.insight.summary, run.insight.next_action)
            for run in event.runs
            if run.lead_id == after.id and run.state == "succeeded" and run.insight
        ]
        self._expect(
            [shown] == insights or (not insights and shown == known),
            f"lead {after.id} shows {shown} after {known}, its run says {insights}",
        )

    def _hit(self, process: str) -> None:
        for run in self.runs.values():
            if run.lease_token and self._claimants[run.lease_token] == process:
                self._hits[run.id] += 1

    def _nothing_was_lost(self, events: list[Event]) -> None:
        """What was acknowledged is there."""
        for event in events:
            match event:
                case Answered(run=UUID() as run, lead=lead):
                    kept = run in self.runs and self.runs[run].lead_id == lead
                    self._expect(kept, f"run {run} of lead {lead} is lost")
                case Answered(email=str() as email, lead=lead):
                    kept = lead in self.leads and self.leads[lead].email == email
                    self._expect(kept, f"lead {lead} is lost")
        emails = Counter(lead.email_key for lead in self.leads.values())
        self._expect(set(emails.values()) <= {1}, f"two leads share an address: {emails}")

    def _everything_ended(self) -> None:
        runs: list[SummaryRun | SyncRun] = [*self.runs.values(), *self.syncs.values()]
        for run in runs:
            self._expect(run.state not in OPEN, f"run {run.id} is still {run.state}")
        for lead in self.leads.values():
            self._shown(lead)

    def _shown(self, lead: Lead) -> None:
        """The lead tells of its latest run, and without trouble each run cost one call."""
        runs = [run for run in self.runs.values() if run.lead_id == lead.id]
        latest = max(runs, key=lambda run: run.finished_at or run.created_at, default=None)
        if self.fair and runs:
            calls = len(self._said[lead.email])
            self._expect(calls == len(runs), f"{len(runs)} runs of {lead.id} took {calls} calls")
        if latest is None:
            self._expect(lead.summary_status == "none", f"{lead.id} has a status and no run")
        elif latest.state not in OPEN and lead.summary_status == "processing":
            self.broken.append(f"{lead.id} is still processing")
