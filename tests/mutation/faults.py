"""The faults: first those of the original that this system replaces, then those of our promises."""

from dataclasses import dataclass
from pathlib import Path

DOMAIN, APPLICATION, ADAPTERS = "src/domain", "src/application", "src/adapters"
SQL = f"{ADAPTERS}/databases/sql"
HTTP = "src/entrypoints/http"
API = "tests/unit/http/test_api.py"
CHANGES = "tests/unit/http/test_changes.py"
CROWDS_OF_CHANGES = "tests/integration/test_crowds_of_changes.py"
API_LISTS = "tests/unit/http/test_lists.py"
MEMORY_DATABASE = "tests/unit/adapters/test_memory_database.py"
SQL_DATABASE = "tests/integration/adapters/test_sql_database.py"
LEAD_LIST_PLANS = "tests/integration/adapters/test_lead_list_plans.py"
IDEMPOTENCY = "tests/unit/http/test_idempotency.py"
REDIS_SCRIPTS_END = "        self._unfenced: dict[str, object] = {}"
PLAIN_DELETE = f"""\
        script = self._redis.register_script
        self._fence = script("return 1")
        self._put = script("return redis.call('DEL', KEYS[1])")
        self._fill = script("redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1")
{REDIS_SCRIPTS_END}"""
REDIS_CACHE = "tests/integration/adapters/test_redis_cache.py"
WORLDS = ("tests/simulation/test_simulation.py", "-k", "small_worlds")
BULK = "tests/unit/http/test_bulk.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file`, `before` (which stands there once) becomes `after`; `tests` must notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    def put_into(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text()
        if text.count(self.before) != 1:
            raise SystemExit(f"{self.name}: its place is not (once) in {self.file}")
        path.write_text(text.replace(self.before, self.after))


FAULTS = [
    Fault(
        "original: the Redis cache is process memory",
        "src/entrypoints/container.py",
        "redis=providers.Singleton(RedisCache, settings.provided.redis_url)",
        "redis=providers.Singleton(MemoryCache)",
        ("tests/integration/test_cache_is_shared.py",),
    ),
    Fault(
        "original: a failure is saved as a summary",
        f"{APPLICATION}/run_summary.py",
        "await work.leads.save(lead.without_summary(now))",
        "await work.leads.save(lead.summarized(Insight('AI failed', 'Retry'), now))",
        ("tests/unit/test_run_summary.py",),
    ),
    Fault(
        "original: the worker swallows every error",
        f"{APPLICATION}/run_summary.py",
        "            await self._settle(run, after, retry_in)",
        "            del after, retry_in",
        ("tests/unit/test_run_summary.py",),
    ),
    Fault(
        "original: a duplicate e-mail is a 500",
        f"{HTTP}/problem_types.py",
        'slug="duplicate-lead",\n        status=409',
        'slug="duplicate-lead",\n        status=500',
        (API,),
    ),
    Fault(
        "original: a malformed id is a 500",
        f"{HTTP}/leads.py",
        '"/leads/{lead_id:uuid}",\n    operation_id="getLead"',
        '"/leads/{lead_id:str}",\n    operation_id="getLead"',
        (API,),
    ),
    Fault(
        "original: ada@ and ADA@ are two leads",
        f"{DOMAIN}/lead_fields.py",
        'return f"{_folded(parsed.local_part)}@',
        'return f"{email.partition(chr(64))[0]}@',
        (API,),
    ),
    Fault(
        "original: empty names pass",
        f"{DOMAIN}/lead_fields.py",
        "    if rule.required and not _is_visible(value):",
        "    if value == 'no value is ever this':",
        (API,),
    ),
    Fault(
        "original: names of 90,000 characters pass",
        f"{DOMAIN}/lead_fields.py",
        "if len(value) > rule.max_length + BLANKS or len(_trimmed(value)) > rule.max_length:",
        "if len(value) > 90_000:",
        (API,),
    ),
    Fault(
        "original: the list has no pages",
        f"{SQL}/statements.py",
        "query.order_by(*order).limit(limit)",
        "query.order_by(*order)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and a_page_holds"),
    ),
    Fault(
        "original: the list has no order",
        f"{SQL}/statements.py",
        "query.order_by(*order).limit(limit)",
        "query.limit(limit)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and walk"),
    ),
    Fault(
        "original: deleted rows are served",
        f"{SQL}/leads.py",
        "_LIVE = LEADS.c.deleted_at.is_(None)",
        "_LIVE = LEADS.c.id.is_not(None)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and deleted"),
    ),
    Fault(
        "original: the worker reads the lead through the cache",
        f"{APPLICATION}/run_summary.py",
        "        return lead.summary_input() if lead else None",
        "        seen = globals().setdefault('_seen', {})\n"
        "        return seen.setdefault(lead_id, lead.summary_input()) if lead else None",
        ("tests/unit/test_run_summary.py",),
    ),
    Fault(
        "original: a sync selects and inserts row by row",
        f"{APPLICATION}/merge_leads.py",
        "added = await work.leads.add_new(fresh) if fresh else set()",
        "added = set().union(*[await work.leads.add_new([lead]) for lead in fresh])",
        ("tests/unit/test_merge_leads.py",),
    ),
    Fault(
        "original: one bad row ends the sync",
        f"{APPLICATION}/merge_leads.py",
        "            except InvalidLead:\n                invalid += 1",
        "            except InvalidLead:\n                raise",
        ("tests/unit/test_merge_leads.py",),
    ),
    Fault(
        "original: an empty answer is a success",
        f"{APPLICATION}/sync_leads.py",
        "if error is None and counts.fetched == 0:",
        "if False:",
        ("tests/unit/test_sync_leads.py",),
    ),
    Fault(
        "original: imported leads carry a made-up summary",
        f"{DOMAIN}/lead.py",
        "            external_id=details.external_id,\n            created_at",
        "            external_id=details.external_id,\n"
        "            summary=f'{details.name} is a promising lead.',\n            created_at",
        ("tests/unit/test_merge_leads.py",),
    ),
    Fault(
        "original: with Redis away, summarize hangs",
        f"{ADAPTERS}/job_queues/saq.py",
        "async with asyncio.timeout(self._deadline):\n                await self.queue.enqueue",
        "async with asyncio.timeout(None):\n                await self.queue.enqueue",
        ("tests/integration/adapters/test_saq_job_queue.py", "-k", "frozen"),
    ),
    Fault(
        "original: two clicks are two paid calls",
        f"{ADAPTERS}/databases/memory/summary_runs.py",
        "return standing or self._put_due(run, timedelta(0))",
        "return self._put_due(run, timedelta(0)) or standing",
        (API,),
    ),
    Fault(
        "original: no run to look at",
        f"{HTTP}/summaries.py",
        'headers={"location": f"/leads/{run.lead_id}/summaries/{run.id}"}',
        "headers={}",
        (API,),
    ),
    Fault(
        "original: strangers' text is pasted into the prompt",
        f"{ADAPTERS}/summarizers/_prompt.py",
        "msgspec.json.encode(known.facts)",
        "str(dict(known.facts)).encode()",
        ("tests/integration/adapters/test_gemini_summarizer.py",),
    ),
    Fault(
        "original: the answer is read by stripping fences",
        f"{ADAPTERS}/summarizers/_insight.py",
        "shape = msgspec.json.decode(text, type=InsightShape)",
        "shape = InsightShape(text.strip('`'), text.strip('`')[:300])",
        ("tests/integration/adapters/test_gemini_summarizer.py",),
    ),
    Fault(
        "original: no migrations",
        f"{SQL}/schema.py",
        "    if found is None:\n        raise SchemaMismatch",
        "    if found is None:\n        return\n        raise SchemaMismatch",
        ("tests/integration/adapters/test_migrations.py", "-k", "without_a_schema and postgresql"),
    ),
    Fault(
        "original: no health",
        f"{HTTP}/app.py",
        "        health_router,\n",
        "",
        ("tests/unit/http/test_front.py",),
    ),
    Fault(
        "original: no metrics",
        f"{HTTP}/front.py",
        "        self.metrics.count(",
        "        _ = (",
        ("tests/unit/http/test_front.py",),
    ),
    Fault(
        "original: no graceful stop",
        f"{APPLICATION}/worker.py",
        "_, late = await asyncio.wait(self._held, timeout=self.pace.grace.total_seconds())",
        "late = set()",
        ("tests/unit/test_worker.py",),
    ),
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
        "                for lead in leads\n",
        "                for lead in []\n",
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
        "            run = await work.summary_runs.add(wanted)",
        "            await self.jobs.ring(Bell.SUMMARIES)\n"
        "            run = await work.summary_runs.add(wanted)",
        ("tests/unit/test_request_summary.py",),
    ),
    Fault(
        "a failing commit is swallowed",
        f"{SQL}/unit_of_work.py",
        "            async with connection.begin():",
        "            async with __import__('contextlib').suppress(Exception), connection.begin():",
        ("tests/integration/adapters/test_sql_outages.py", "-k", "commit"),
    ),
    Fault(
        "keys are not checked",
        f"{HTTP}/front.py",
        "return len(given) == 1 and compare_digest(given[0], self.key)",
        "return True",
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
        f"{APPLICATION}/run_summary.py",
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
        "cache: plain delete instead of the protocol",
        f"{ADAPTERS}/caches/redis.py",
        REDIS_SCRIPTS_END,
        PLAIN_DELETE,
        ("tests/integration/test_stale_read_schedules.py", "-k", "fills_after_it"),
    ),
    Fault(
        "cache: plain delete, met by chance",
        f"{ADAPTERS}/caches/redis.py",
        REDIS_SCRIPTS_END,
        PLAIN_DELETE,
        ("tests/chaos/test_stale_reads.py",),
    ),
    Fault(
        "cache: who joins a run does not tell of it",
        f"{SQL}/unit_of_work.py",
        "await self._hook.after_commit(list(work.leads.held.values()))",
        "await self._hook.after_commit(saved)",
        ("tests/integration/test_stale_read_schedules.py", "-k", "joins and postgres"),
    ),
    Fault(
        "outage: who could not fence is answered while the old document stands",
        f"{ADAPTERS}/caches/redis.py",
        "        await self._delete([key])\n",
        "",
        (REDIS_CACHE, "-k", "before_the_writer_is_answered"),
    ),
    Fault(
        "outage: an old row stays where a put failed",
        f"{ADAPTERS}/caches/redis.py",
        "        self._delete_later(key)\n        await self._delete([key])\n",
        "",
        (REDIS_CACHE, "-k", "before_the_commit"),
    ),
    Fault(
        "outage: a fence is thrown away while the loop is held up",
        f"{ADAPTERS}/caches/_deadline.py",
        "asyncio.timeout(None)",
        "asyncio.timeout(seconds)",
        (REDIS_CACHE, "-k", "held_up"),
    ),
    Fault(
        "outage: the worker spins when Redis is away",
        f"{ADAPTERS}/job_queues/saq.py",
        "            await asyncio.sleep(PAUSE_SECONDS)",
        "            await asyncio.sleep(0)",
        ("tests/integration/adapters/test_saq_job_queue.py", "-k", "pauses"),
    ),
    Fault(
        "outage: no Retry-After on 503",
        f"{HTTP}/errors.py",
        'headers = {"retry-after": str(kind.retry_after)} if kind.retry_after else {}',
        "headers: dict[str, str] = {}",
        ("tests/integration/test_sqlite_outages.py", "-k", "full"),
    ),
    Fault(
        "outage: live touches the database",
        f"{HTTP}/health.py",
        'async def live() -> Live:\n    """Touches nothing."""\n',
        "async def live(crm: CrmDependency) -> Live:\n"
        "    assert (await crm.check_health()).ready\n",
        ("tests/integration/test_postgres_outages.py", "-k", "says_so and killed"),
    ),
    Fault(
        "outage: a failover is our mistake",
        f"{SQL}/outages.py",
        '"25006", ',
        "",
        ("tests/integration/adapters/test_postgres_database.py", "-k", "may_not_write"),
    ),
    Fault(
        "outage: what was given up waits on in PostgreSQL",
        f"{SQL}/engine.py",
        "        if statement_seconds is not None:",
        "        if False:",
        ("tests/integration/adapters/test_postgres_database.py", "-k", "given_up"),
    ),
    Fault(
        "outage: a tick that failed is forgotten",
        "src/entrypoints/schedule.py",
        "following if ticked else min(following, now + RETRY_AFTER)",
        "following",
        ("tests/unit/test_schedule.py",),
    ),
    Fault(
        "a worker takes its own runs from itself once a lease ran out",
        f"{SQL}/summary_runs.py",
        "others = _RUNS.id.not_in([run.id for run in beside])",
        "others = _RUNS.id.not_in([])",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and holds_itself"),
    ),
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
        f"{APPLICATION}/run_summary.py",
        "if not await work.summary_runs.settle(after, held.claim, retry_in):",
        "if await work.summary_runs.settle(after, held.claim, retry_in) is None:",
        WORLDS,
    ),
    Fault(
        "simulated: an answer is written to the newest lead",
        f"{APPLICATION}/run_summary.py",
        "lead = await work.leads.get(LeadId(after.lead_id), for_update=True)",
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
        f"{DOMAIN}/summary.py",
        "burnt = 0 if failure.type is FailureType.CREDENTIALS else 1",
        "burnt = 1",
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
    Fault(
        "stop: readiness stays 200 while draining",
        f"{HTTP}/health.py",
        "draining = request.app.state.draining.is_set()",
        "draining = False",
        ("tests/unit/http/test_front.py", "-k", "draining"),
    ),
    Fault(
        "stop: no drain",
        "src/entrypoints/process.py",
        "loop.call_later(drain.total_seconds(), stopping.set)",
        "loop.call_later(0, stopping.set)",
        ("tests/integration/test_stop.py", "-k", "draining"),
    ),
    Fault(
        "stop: idle connections are closed without a word",
        f"{HTTP}/front.py",
        "if self.draining.is_set():",
        "if False:",
        ("tests/unit/http/test_front.py", "-k", "draining"),
    ),
    Fault(
        "stop: a client that never ends its request holds it",
        "src/entrypoints/server.py",
        "await asyncio.wait_for(serving, FINISH_SECONDS)",
        "await serving",
        ("tests/integration/test_stop.py", "-k", "never_ends"),
    ),
    Fault(
        "stop: held runs are not given back",
        f"{APPLICATION}/worker.py",
        "for run in unfinished)",
        "for run in unfinished[:0])",
        ("tests/unit/test_worker.py",),
    ),
    Fault(
        "stop: a frozen Redis holds it",
        f"{ADAPTERS}/job_queues/saq.py",
        "            socket_timeout=IDLE_SECONDS + ANSWER_SECONDS,\n",
        "",
        ("tests/integration/adapters/test_saq_job_queue.py", "-k", "take_back"),
    ),
    Fault(
        "change: If-Match is ignored",
        f"{HTTP}/preconditions.py",
        "return {int(found[1]) for tag in tags if (found := _VERSION.fullmatch(tag))}",
        "return None",
        (CHANGES, "-k", "another_version"),
    ),
    Fault(
        "change: a weak tag lets a change through",
        f"{HTTP}/preconditions.py",
        "return {int(found[1]) for tag in tags if (found := _VERSION.fullmatch(tag))}",
        "return {int(found[1]) for tag in tags if (found := _VERSION.search(tag))}",
        (CHANGES, "-k", "another_version"),
    ),
    Fault(
        "change: If-Match is required by nobody",
        "src/entrypoints/api.py",
        "require_if_match=required",
        "require_if_match=False",
        ("tests/integration/test_require_if_match.py", "-k", "api"),
    ),
    Fault(
        "change: what the client has is sent again",
        f"{HTTP}/preconditions.py",
        'return etag(version) in tags or "*" in tags',
        "return False",
        (CHANGES, "-k", "not_sent_again"),
    ),
    Fault(
        "change: a deleted lead stays in the cache",
        f"{APPLICATION}/lead_cache.py",
        "self.cache.fence(self._key(lead), lead.version) for lead in leads",
        "self.cache.fence(self._key(lead), lead.version)\n"
        "            for lead in leads\n"
        "            if not lead.deleted_at",
        (CHANGES, "-k", "gone_at_once"),
    ),
    Fault(
        "change: a deleted lead is put into the cache",
        f"{APPLICATION}/lead_cache.py",
        "if not lead.deleted_at",
        "if lead",
        (CHANGES, "-k", "gone_at_once"),
    ),
    Fault(
        "change: the e-mail of a deleted lead stays taken",
        f"{SQL}/migrations/versions/0001_leads_and_runs.py",
        '_partial("ux_leads_email_key", "leads", ["email_key"], LIVE, unique=True)',
        'op.create_index("ux_leads_email_key", "leads", ["email_key"], unique=True)',
        ("tests/integration/test_http_changes.py", "-k", "Sqlite and are_free"),
    ),
    Fault(
        "change: a lead is changed without a lock",
        f"{APPLICATION}/change_lead.py",
        "lead = await work.leads.get(lead_id, for_update=True)",
        "lead = await work.leads.get(lead_id)",
        (CROWDS_OF_CHANGES, "-k", "any_version and postgres"),
    ),
    Fault(
        "change: a change is written over whatever version there is",
        f"{SQL}/leads.py",
        ".where(LEADS.c.id == lead.id, LEADS.c.version == lead.version - 1)",
        ".where(LEADS.c.id == lead.id)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "Sqlite and did_not_know"),
    ),
    Fault(
        "change: the timeline is written after the commit",
        f"{APPLICATION}/change_lead.py",
        "                await work.timeline.add([changed(self.ids, lead, after, by)])\n",
        "        if after is not lead:\n"
        "            async with self.unit_of_work() as work:\n"
        "                await work.timeline.add([changed(self.ids, lead, after, by)])\n",
        ("tests/unit/test_change_lead.py",),
    ),
    Fault(
        "change: what changes nothing is a new version",
        f"{APPLICATION}/change_lead.py",
        "            if after is not lead:",
        "            after = __import__('dataclasses').replace(after, version=lead.version + 1)\n"
        "            if True:",
        (CHANGES, "-k", "changes_nothing"),
    ),
    Fault(
        "change: a blank source becomes the default one",
        f"{DOMAIN}/lead.py",
        'required=("source", "status")',
        "required=()",
        ("tests/unit/domain/test_lead_changes.py",),
    ),
    Fault(
        "change: a version may be older than the one before",
        f"{DOMAIN}/lead.py",
        "return max(now, self.updated_at + timedelta(microseconds=1))",
        "return now",
        ("tests/unit/domain/test_lead_changes.py",),
    ),
    Fault(
        "change: an open run outlives its lead",
        f"{APPLICATION}/change_lead.py",
        "            await work.summary_runs.give_up(lead_id, LEAD_DELETED, deleted.updated_at)\n",
        "",
        (CHANGES, "-k", "ends_with_its_lead"),
    ),
    Fault(
        "change: a restored lead waits for a run that has ended",
        f"{DOMAIN}/lead.py",
        "status = SummaryStatus.FAILED if processing else self.summary_status",
        "status = self.summary_status if processing else self.summary_status",
        (CHANGES, "-k", "not_processing"),
    ),
    Fault(
        "change: who restores a lead that is back already is told that there is none",
        f"{SQL}/leads.py",
        "select(*_COLUMNS).where(LEADS.c.id == lead_id))",
        "select(*_COLUMNS).where(LEADS.c.id == lead_id, ~_LIVE))",
        (CROWDS_OF_CHANGES, "-k", "restore_at_once and postgres"),
    ),
    Fault(
        "change: a clash is no clash where the lead was read before",
        f"{SQL}/leads.py",
        "lead.external_id, lead.deleted_at is None",
        "lead.external_id",
        (
            "tests/integration/adapters/test_sql_database.py",
            "-k",
            "Postgres and not_restored",
        ),
    ),
    Fault(
        "change: any time of ISO 8601 will do",
        f"{DOMAIN}/activity.py",
        "    if _RFC_3339.fullmatch(text) is None:",
        "    if False:",
        ("tests/unit/domain/test_activity.py",),
    ),
    Fault(
        "change: a refused activity is told as a lead",
        f"{HTTP}/history.py",
        "members(data, InvalidActivity)",
        "members(data)",
        (CHANGES, "-k", "Activities or told_all_at_once"),
    ),
    Fault(
        "change: the whole key is told as who did it",
        f"{HTTP}/front.py",
        'return parts[1] if len(parts) == 3 and parts[0] == "crm" and parts[1] else "bootstrap"',
        "return key",
        (CHANGES, "-k", "public_part"),
    ),
    Fault(
        "list: a walk goes on from where its last row stands now",
        f"{ADAPTERS}/databases/memory/tables.py",
        "(row for row in ordered if (place(row) < seen if downwards else place(row) > seen))",
        "ordered[[place(row) for row in ordered].index(seen) + 1 :]",
        (MEMORY_DATABASE, "-k", "come_and_go"),
    ),
    Fault(
        "list: a walk counts the pages before",
        f"{SQL}/statements.py",
        "    return query.where(place < seen if downwards else place > seen)",
        "    from sqlalchemy import func\n"
        "    before = query.limit(None).where(place >= seen if downwards else place <= seen)\n"
        "    return query.offset(select(func.count()).select_from(before).scalar_subquery())",
        (LEAD_LIST_PLANS, "-k", "sqlite"),
    ),
    Fault(
        "list: leads of one moment have no order",
        f"{ADAPTERS}/databases/memory/tables.py",
        "sorted(rows, key=place, reverse=downwards)",
        "sorted(rows, key=key, reverse=downwards)",
        (MEMORY_DATABASE, "-k", "any_order"),
    ),
    Fault(
        "list: a page begins with the end of the one before",
        f"{SQL}/statements.py",
        "place < seen if downwards else place > seen",
        "place <= seen if downwards else place >= seen",
        (SQL_DATABASE, "-k", "TestSqlite and any_order"),
    ),
    Fault(
        "list: a cursor is not bound to its filter",
        f"{HTTP}/lead_query.py",
        "msgspec.json.encode(self)",
        "msgspec.json.encode(self.sort)",
        (API_LISTS, "-k", "another_filter"),
    ),
    Fault(
        "list: a cursor is not bound to its sort",
        f"{HTTP}/lead_query.py",
        "msgspec.json.encode(self)",
        "msgspec.json.encode(self.wanted)",
        (API_LISTS, "-k", "another_filter"),
    ),
    Fault(
        "list: a search knows wildcards",
        f"{SQL}/lead_list.py",
        "autoescape=True",
        "autoescape=False",
        (SQL_DATABASE, "-k", "TestSqlite and wildcard"),
    ),
    Fault(
        "list: a search leaves case to the database",
        "src/domain/lead_list.py",
        'unicodedata.normalize("NFKC", text).casefold()',
        "text",
        (SQL_DATABASE, "-k", "TestSqlite and whatever_the_case"),
    ),
    Fault(
        "list: leads from before the search are never found",
        f"{SQL}/migrations/versions/0005_lists.py",
        "    _fill()\n",
        "",
        ("tests/integration/adapters/test_migrations.py", "-k", "before"),
    ),
    Fault(
        "list: a role without rights cannot migrate",
        f"{SQL}/migrations/versions/0005_lists.py",
        "    except DBAPIError:\n        return",
        "    except DBAPIError:\n        raise",
        ("tests/integration/adapters/test_migrations.py", "-k", "role"),
    ),
    Fault(
        "list: a filter's index is not there",
        f"{SQL}/migrations/versions/0005_lists.py",
        '    "ix_leads_status": ["status", "created_at", "id"],\n',
        "",
        (LEAD_LIST_PLANS, "-k", "sqlite"),
    ),
    Fault(
        "idempotency: the answer is kept after the commit of its work",
        f"{APPLICATION}/create_lead.py",
        "            await receipt.keep(work, lead)\n",
        "        async with self.unit_of_work() as work:\n"
        "            await receipt.keep(work, lead)\n",
        (IDEMPOTENCY, "-k", "lost_after"),
    ),
    Fault(
        "idempotency: the work is committed without its answer",
        f"{APPLICATION}/change_lead.py",
        "            await receipt.keep(work, lead)\n",
        "",
        (IDEMPOTENCY, "-k", "comes_again"),
    ),
    Fault(
        "idempotency: the work begins before the key is claimed",
        f"{APPLICATION}/create_lead.py",
        "            await receipt.claim(work)\n            await work.leads.add(lead)\n",
        "            await work.leads.add(lead)\n            await receipt.claim(work)\n",
        (IDEMPOTENCY, "-k", "lost_after"),
    ),
    Fault(
        "idempotency: the fingerprint is not compared",
        f"{APPLICATION}/receipts.py",
        "        if kept.fingerprint != self.request.fingerprint:",
        "        if False:",
        (IDEMPOTENCY, "-k", "another_body"),
    ),
    Fault(
        "idempotency: the fingerprint goes by the bytes",
        f"{HTTP}/idempotency.py",
        'msgspec.json.encode(msgspec.json.decode(body), order="sorted")',
        "body",
        (IDEMPOTENCY, "-k", "another_spelling"),
    ),
    Fault(
        "idempotency: the parameters do not count",
        f"{HTTP}/idempotency.py",
        "query = sorted(request.query_params.multi_items())",
        "query: list[str] = []",
        (IDEMPOTENCY, "-k", "another_parameter"),
    ),
    Fault(
        "idempotency: a key is the same for every API key",
        f"{HTTP}/idempotency.py",
        "(key_id, request.method, route, *path_ids)",
        "(request.method, route, *path_ids)",
        (IDEMPOTENCY, "-k", "api_keys_own"),
    ),
    Fault(
        "idempotency: a key is the same for every route",
        f"{HTTP}/idempotency.py",
        "(key_id, request.method, route, *path_ids)",
        "(key_id, *path_ids)",
        (IDEMPOTENCY, "-k", "routes_own"),
    ),
    Fault(
        "idempotency: a key is the same for every lead",
        f"{HTTP}/idempotency.py",
        "(key_id, request.method, route, *path_ids)",
        "(key_id, request.method, route)",
        (IDEMPOTENCY, "-k", "routes_own"),
    ),
    Fault(
        "idempotency: something is kept of a refusal",
        f"{APPLICATION}/create_lead.py",
        "            await work.leads.add(lead)\n"
        "            await work.timeline.add([created(self.ids, lead, by)])\n"
        "            await receipt.keep(work, lead)\n",
        "            await receipt.keep(work, lead)\n            refusal = None\n"
        "            try:\n                await work.leads.add(lead)\n"
        "                await work.timeline.add([created(self.ids, lead, by)])\n"
        "            except Exception as error:\n                refusal = error\n"
        "        if refusal:\n            raise refusal\n",
        (IDEMPOTENCY, "-k", "refusal_is_not"),
    ),
    Fault(
        "idempotency: a key that another process holds is an outage",
        f"{SQL}/receipts.py",
        "            if is_lock_timeout(error):",
        "            if False:",
        ("tests/integration/test_http_idempotency.py", "-k", "another_process"),
    ),
    Fault(
        "idempotency: a key makes impatient with leads",
        f"{SQL}/receipts.py",
        "            await wait_for_locks(self._connection, 0)\n",
        "",
        ("tests/integration/test_http_idempotency.py", "-k", "as_long_as_without"),
    ),
    Fault(
        "idempotency: a key is never free again",
        f"{SQL}/receipts.py",
        "        return RECEIPTS.c.created_at > clock(self._connection, -kept)",
        "        return RECEIPTS.c.created_at.is_not(None)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "TestSqlite and free_again"),
    ),
    Fault(
        "idempotency: answers whose time is not over are forgotten",
        f"{SQL}/receipts.py",
        "RECEIPTS.c.created_at <= clock(self._connection, -kept)",
        "RECEIPTS.c.created_at <= clock(self._connection)",
        ("tests/integration/adapters/test_sql_database.py", "-k", "TestSqlite and is_not_over"),
    ),
    Fault(
        "bulk: one bad row sinks the batch",
        f"{APPLICATION}/take_in_batch.py",
        "            checked.append(Fate(Verdict.INVALID, problems=invalid.problems))",
        "            raise invalid",
        (BULK, "-k", "bad_row"),
    ),
    Fault(
        "bulk: a dry run writes",
        f"{APPLICATION}/take_in_batch.py",
        "        if batch.dry_run:",
        "        if False:",
        (BULK, "-k", "dry_run"),
    ),
    Fault(
        "bulk: verdicts out of order",
        f"{APPLICATION}/take_in_batch.py",
        "[row if isinstance(row, Fate) else next(valid) for row in checked]",
        "[*valid, *(row for row in checked if isinstance(row, Fate))]",
        (BULK, "-k", "bad_row"),
    ),
    Fault(
        "bulk: leads are held in no order",
        f"{SQL}/leads.py",
        ".order_by(order)",
        '.order_by(__import__("sqlalchemy").func.random())',
        ("tests/integration/test_crowds.py", "-k", "several_processes and upsert"),
    ),
    Fault(
        "bulk: a sync writes leads row by row, in the order of its source",
        f"{APPLICATION}/merge_leads.py",
        "        await work.leads.save_all([after for _, after in filled])",
        "        for _, after in filled:\n            await work.leads.save(after)",
        ("tests/unit/test_merge_leads.py",),
    ),
    Fault(
        "bulk: an upsert overwrites what was not named",
        f"{DOMAIN}/lead.py",
        'for name in given.named - {"email"}',
        'for name in {*LeadDetails.__slots__} - {"email"}',
        (BULK, "-k", "named"),
    ),
    Fault(
        "bulk: an upsert writes the address in its own spelling",
        f"{DOMAIN}/lead.py",
        'for name in given.named - {"email"}',
        "for name in given.named",
        (BULK, "-k", "named"),
    ),
    Fault(
        "bulk: who was overtaken believes to have created",
        f"{APPLICATION}/take_in_batch.py",
        "            raise Overtaken",
        "            pass",
        ("tests/integration/test_crowds.py", "-k", "several_processes"),
    ),
    Fault(
        "bulk: an upsert that was overtaken is a conflict",
        f"{APPLICATION}/upsert_lead.py",
        '                if taken.field != "email":',
        "                if taken:",
        ("tests/integration/test_crowds.py", "-k", "hundred_upserts and postgres"),
    ),
    Fault(
        "bulk: what one row sets free another may take",
        f"{DOMAIN}/batch_plan.py",
        "            if lead.origin is not None:",
        "            if lead.origin is not None and lead.id not in self._before:",
        (BULK, "-k", "taken_before_a_batch"),
    ),
    Fault(
        "bulk: every route takes a mebibyte",
        f"{HTTP}/body_guard.py",
        'MAX_BODIES.get(scope["path"], MAX_BODY)',
        "max(MAX_BODIES.values())",
        (BULK, "-k", "may_be_large"),
    ),
    Fault(
        "guard: the size is checked by the header only",
        f"{HTTP}/body_guard.py",
        "        if size > limit:",
        "        if False:",
        ("tests/unit/http/test_front.py", "-k", "cut_off"),
    ),
    Fault(
        "guard: depth is unchecked",
        f"{HTTP}/body_guard.py",
        "    if is_too_deep(body):",
        "    if False:",
        (API, "-k", "nested"),
    ),
    Fault(
        "guard: brackets in strings count",
        f"{HTTP}/json_text.py",
        '_STRING.sub(b"", text)',
        "text",
        ("tests/unit/http/test_body_guard.py", "-k", "well_written"),
    ),
    Fault(
        "guard: duplicate keys pass",
        f"{HTTP}/json_text.py",
        "    if len(dict(pairs)) != len(pairs):",
        "    if False:",
        (API, "-k", "twice"),
    ),
    Fault(
        "guard: a problem has no page",
        f"{HTTP}/problem_pages.py",
        "    if kind is None:",
        '    if kind is None or slug == "duplicate-key":',
        ("tests/unit/http/test_problem_pages.py",),
    ),
    Fault(
        "guard: a body is read without a deadline",
        f"{HTTP}/body_guard.py",
        "asyncio.timeout(self.read_seconds)",
        "asyncio.timeout(None)",
        ("tests/unit/http/test_body_guard.py", "-k", "given_up"),
    ),
    Fault(
        "guard: headers are waited for without end",
        "src/entrypoints/server.py",
        "HEADER_MILLISECONDS = 15_000",
        "HEADER_MILLISECONDS = 600_000",
        ("tests/integration/test_raw_sockets.py", "-k", "slow and serve"),
    ),
    Fault(
        "guard: a NUL in the path gets through",
        f"{HTTP}/request_guard.py",
        '    return "holds control characters" if _CONTROL.search(text) else None',
        "    return None if text else None",
        (API, "-k", "NUL"),
    ),
    Fault(
        "guard: only PostgreSQL refuses a NUL",
        f"{DOMAIN}/lead_fields.py",
        '{"Cc", "Cs", "Zl", "Zp"}',
        '{"Cs", "Zl", "Zp"}',
        ("tests/integration/test_same_refusals.py",),
    ),
]
