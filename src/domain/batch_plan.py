"""The plan of a batch: each row judged in its turn, by what is stored and the rows before it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from domain.batch import BatchMode, Fate, Verdict
from domain.lead import Lead, LeadId, Origin
from domain.lead_fields import GivenDetails


class BatchPlan:
    """An address and an origin belong to whoever has it before the batch, or else takes it first.

    So no row can wait for what another row sets free, and whatever the plan writes may be
    written in any order.
    """

    def __init__(self, known: Iterable[Lead], holders: Iterable[Lead], now: datetime) -> None:
        """`known` are the leads with the addresses of rows, `holders` those with the origins."""
        self._now = now
        self._before = {lead.id: lead for lead in known}
        self._leads = {lead.email_key: lead for lead in self._before.values()}
        self._origins: dict[Origin, LeadId] = {}
        for lead in (*self._before.values(), *holders):
            if lead.origin is not None:
                self._origins[lead.origin] = lead.id
        self.asked: set[Origin] = set()
        """Every origin whose holder this plan asked for."""

    def judge(self, given: GivenDetails, new: Lead, mode: BatchMode) -> Fate:
        """The row's fate; `new` is the lead that it would make."""
        known = self._leads.get(new.email_key)
        if known is None:
            after, verdict = new, Verdict.CREATED
        elif mode is BatchMode.CREATE:
            return Fate(Verdict.DUPLICATE, existing_id=known.id, field="email")
        else:
            after = known.updated_by(given, self._now)
            verdict = Verdict.UNCHANGED if after is known else Verdict.UPDATED
        if after.origin is not None:
            self.asked.add(after.origin)
            holder = self._origins.setdefault(after.origin, after.id)
            if holder != after.id:
                return Fate(Verdict.DUPLICATE, existing_id=holder, field="external_id")
        self._leads[after.email_key] = after
        return Fate(verdict, lead_id=after.id)

    def added(self) -> Sequence[Lead]:
        """The new leads, each as the last row for it leaves it, and as its first version."""
        fresh = (lead for lead in self._leads.values() if lead.id not in self._before)
        return [replace(lead, version=1) for lead in fresh]

    def changed(self) -> Sequence[tuple[Lead, Lead]]:
        """The known leads that end up different, before and after: one version for the batch."""
        afters = (lead for lead in self._leads.values() if lead.id in self._before)
        pairs = [(self._before[lead.id], lead) for lead in afters]
        return [
            (before, replace(after, version=before.version + 1))
            for before, after in pairs
            if replace(after, version=before.version, updated_at=before.updated_at) != before
        ]
