"""Faults that the simulated worlds must notice."""

from tests.mutation.fault import ADAPTERS, APPLICATION, DOMAIN, WORLDS, Fault

FAULTS = [
    Fault(
        "simulated: nobody sweeps",
        f"{APPLICATION}/worker.py",
        "timeout=self.pace.sweep.total_seconds(),",
        "timeout=None,",
        WORLDS,
    ),
    Fault(
        "simulated: leases are never renewed",
        f"{APPLICATION}/worker.py",
        "kept = await self.work.renew(held.values(), self.pace.lease)",
        "kept = {run.id for run in held.values()}",
        WORLDS,
    ),
    Fault(
        "simulated: a standing lease is no obstacle",
        f"{ADAPTERS}/databases/memory/leases.py",
        "run.state.is_open and self.due[run.id] <= now",
        "run.state.is_open and (run.lease_token or self.due[run.id] <= now)",
        WORLDS,
    ),
    Fault(
        "simulated: whoever answers ends the run, whoever holds it",
        f"{ADAPTERS}/databases/memory/leases.py",
        "if stored is None or stored.lease_token != token:",
        "if stored is None:",
        WORLDS,
    ),
    Fault(
        "simulated: a late answer is written to the lead",
        f"{APPLICATION}/settle_runs.py",
        "runs = [each.run for each in settlements if each.run.id in settled]",
        "runs = [each.run for each in settlements]",
        WORLDS,
    ),
    Fault(
        "simulated: an answer is written to the newest lead",
        f"{APPLICATION}/settle_runs.py",
        "lead = leads.get(LeadId(run.lead_id))",
        "lead = (await work.leads.page(1, None))[0]",
        WORLDS,
    ),
    Fault(
        "simulated: a failure takes the older summary away",
        f"{DOMAIN}/lead.py",
        "return self._changed(now, summary_status=SummaryStatus.FAILED)",
        "return self._changed(now, summary_status=SummaryStatus.FAILED, summary=None)",
        WORLDS,
    ),
    Fault(
        "simulated: a wrong key burns attempts",
        f"{DOMAIN}/errors.py",
        "burns_attempt and type is not FailureType.CREDENTIALS",
        "burns_attempt",
        WORLDS,
    ),
    Fault(
        "simulated: a run is promised and not kept",
        f"{APPLICATION}/request_summary.py",
        "run = await work.summary_runs.add(wanted)",
        "run = wanted",
        WORLDS,
    ),
    Fault(
        "simulated: an open run is not joined",
        f"{ADAPTERS}/databases/memory/summary_runs.py",
        "return standing or self._put_due(run, timedelta(0))",
        "return self._put_due(run, timedelta(0)) or standing",
        WORLDS,
    ),
    Fault(
        "simulated: a slot may have two runs",
        f"{ADAPTERS}/databases/memory/sync_runs.py",
        "if run.slot and other.slot == run.slot]",
        "if run.slot is other]",
        WORLDS,
    ),
    Fault(
        "simulated: writers put up no fence",
        f"{APPLICATION}/lead_cache.py",
        "self.cache.fence(self._key(lead), lead.version) for lead in leads",
        "self.cache.fence(self._key(lead), 0) for lead in []",
        WORLDS,
    ),
    Fault(
        "simulated: any reader may fill",
        f"{ADAPTERS}/caches/memory.py",
        "if self._standing(key) != _Token(token):",
        "if isinstance(self._standing(key), Document):",
        WORLDS,
    ),
    Fault(
        "simulated: an older document replaces a newer one",
        f"{ADAPTERS}/caches/memory.py",
        "if floor is None or floor > document.version:",
        "if floor is None:",
        WORLDS,
    ),
    Fault(
        "simulated: a flight is joined whatever was committed since",
        f"{APPLICATION}/lead_cache.py",
        "flight = self._flights.get(found.token) if found.token else None",
        "look = __import__('inspect').getcoroutinelocals\n"
        "        flights = [f for f in self._flights.values()"
        " if look(f.get_coro()).get('lead_id') == lead_id]\n"
        "        flight = next(iter(flights), None)",
        WORLDS,
    ),
]
