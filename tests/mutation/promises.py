"""The opposites of our own promises."""

from tests.mutation.fault import ADAPTERS, API, APPLICATION, DOMAIN, HTTP, SQL, Fault

FAULTS = [
    Fault(
        "no sweep",
        f"{APPLICATION}/worker.py",
        "timeout=self.pace.sweep.total_seconds(),",
        "timeout=None,",
        ("tests/unit/test_worker.py",),
    ),
    Fault(
        "leases are never renewed",
        f"{APPLICATION}/worker.py",
        "        held = dict(self._held)\n        if not",
        "        held: dict[object, R] = {}\n        if not",
        ("tests/unit/test_worker.py",),
    ),
    Fault(
        "no compare-and-set on the lease",
        f"{SQL}/leases.py",
        'runs.state == "running", runs.lease_token == token)',
        'runs.state == "running")',
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and lapsed"),
    ),
    Fault(
        "no compare-and-set on the lease where many are settled",
        f"{SQL}/leases.py",
        "runs.id == new.c.id, runs.state == _RUNNING, runs.lease_token == new.c.held_token",
        "runs.id == new.c.id, runs.state == _RUNNING",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Postgres and settled_at_once"),
    ),
    Fault(
        "one that breaks takes those with it that came together with it",
        f"{APPLICATION}/in_batches.py",
        "            if len(batch) == 1:",
        "            if len(batch) > 0:",
        ("tests/unit/test_in_batches.py",),
    ),
    Fault(
        "whoever was held beside a poison pill is given up with it",
        f"{DOMAIN}/summary.py",
        "blamed=self.blamed + (lapsed and self.alone)",
        "blamed=self.blamed + lapsed",
        ("tests/unit/domain/test_summary_run.py",),
    ),
    Fault(
        "suspects are held together",
        f"{SQL}/summary_runs.py",
        "room = 0 if any(run.is_suspect for run in beside) else 1",
        "room = limit",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and suspect"),
    ),
    Fault(
        "what a dead worker held waits behind everything else",
        f"{SQL}/summary_runs.py",
        "ids = suspects + await self._leases.due(and_(LAPSED, others), limit - len(suspects))\n"
        "        ids += await self._leases.due(PENDING, limit - len(ids))",
        "ids = await self._leases.due(PENDING, limit)\n"
        "        ids += await self._leases.due(and_(LAPSED, others), limit - len(ids))",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and dead_worker"),
    ),
    Fault(
        "no fence before the commit",
        f"{APPLICATION}/lead_cache.py",
        "self.cache.fence(self._key(lead), lead.version) for lead in leads",
        "self.cache.fence(self._key(lead), 0) for lead in []",
        ("tests/unit/test_lead_cache.py",),
    ),
    Fault(
        "no write-through after the commit",
        f"{APPLICATION}/lead_cache.py",
        "            for lead in leads\n",
        "            for lead in []\n",
        ("tests/unit/test_lead_cache.py",),
    ),
    Fault(
        "any reader may fill",
        f"{ADAPTERS}/caches/memory.py",
        "if self._standing(key) != _Token(token):",
        "if isinstance(self._standing(key), Document):",
        ("tests/unit/adapters/test_caches.py",),
    ),
    Fault(
        "a late fill is let in by Redis",
        f"{ADAPTERS}/caches/redis.py",
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end",
        "",
        ("tests/integration/adapters/test_redis_cache.py",),
    ),
    Fault(
        "a flight is joined whatever was committed since",
        f"{APPLICATION}/lead_cache.py",
        "flight = self._flights.get(found.token) if found.token else None",
        "flight = next(iter(self._flights.values()), None)",
        ("tests/unit/test_lead_cache.py",),
    ),
    Fault(
        "the bell is rung before the commit",
        f"{APPLICATION}/request_summary.py",
        "                run, is_new = await self._opened(work, lead)",
        "                await self.jobs.ring(Bell.SUMMARIES)\n"
        "                run, is_new = await self._opened(work, lead)",
        ("tests/unit/test_request_summary.py",),
    ),
    Fault(
        "a failing commit is swallowed",
        f"{SQL}/unit_of_work.py",
        "                await self._transactions.commit(self._connection)",
        "                with __import__('contextlib').suppress(Exception):\n"
        "                    await self._transactions.commit(self._connection)",
        ("tests/integration/adapters/test_sql_outages.py", "-k", "commit"),
    ),
    Fault(
        "keys are not checked",
        f"{HTTP}/key.py",
        "if given is not None and compare_digest(given, self._key):",
        "if True:",
        (API,),
    ),
    Fault(
        "a wrong key burns every run's attempts",
        f"{APPLICATION}/run_summary.py",
        "            self.breaker.trip(now)",
        "            self.breaker.close()",
        ("tests/unit/test_run_summary.py",),
    ),
    Fault(
        "a paid answer is lost in a short outage",
        f"{APPLICATION}/settle_runs.py",
        "            except DatabaseUnavailable:\n                await",
        "            except ZeroDivisionError:\n                await",
        ("tests/unit/test_run_summary.py",),
    ),
    Fault(
        "errors carry leads into logs",
        f"{SQL}/engine.py",
        "hide_parameters=True",
        "hide_parameters=False",
        ("tests/integration/adapters/test_sql_outages.py", "-k", "repeat"),
    ),
    Fault(
        "a worker takes its own runs from itself once a lease ran out",
        f"{SQL}/summary_runs.py",
        "others = not_(among_ids(self._connection, _RUNS.id, [run.id for run in beside]))",
        "others = not_(among_ids(self._connection, _RUNS.id, []))",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and holds_itself"),
    ),
    Fault(
        "of many leads only what the last one changed is written",
        f"{SQL}/leads.py",
        "changed |= changed_fields(before, lead)",
        "changed = changed_fields(before, lead)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and elsewhere"),
    ),
    Fault(
        "a lead of many is sought by what it was called before",
        f"{SQL}/mapping.py",
        "if _FOUND_BY.isdisjoint(changed):",
        "if changed:",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and elsewhere"),
    ),
]
