"""The opposites of what holds where statements and rings are shared, or wait for the commit."""

from tests.mutation.fault import ADAPTERS, SQL, SQL_DATABASE, Fault

FAULTS = [
    Fault(
        "pool: a connection is lost with the one it was handed to",
        f"{SQL}/postgres_pool.py",
        "if turn.done() and not turn.cancelled():",
        "if False:",
        ("tests/integration/adapters/test_postgres_database.py", "-k", "just_left"),
    ),
    Fault(
        "reads: who waits behind a slow failure waits for another",
        f"{SQL}/together.py",
        "took > SLOW_SECONDS:",
        "False:",
        ("tests/unit/adapters/test_together.py", "-k", "slow_failure"),
    ),
    Fault(
        "intake: of two that wait for the commit the first is forgotten",
        f"{SQL}/postgres_connection.py",
        "        if self._postponed is not None:\n            await self._ready()\n        self.",
        "        self.",
        (SQL_DATABASE, "-k", "Postgres and two_of_one"),
    ),
    Fault(
        "intake: one that is refused is lifted all the same",
        f"{SQL}/intake.py",
        'exists(select(literal_column("1")).select_from(added))',
        'exists(select(literal_column("1")))',
        (SQL_DATABASE, "-k", "Postgres and is_taken_leaves"),
    ),
    Fault(
        "requests: whatever version there is, it is asked for",
        f"{SQL}/requests.py",
        '            lead.version == version - literal_column("1"),\n',
        "",
        (SQL_DATABASE, "-k", "Postgres and older_version"),
    ),
    Fault(
        "requests: the cache is not told of what was asked for",
        f"{SQL}/requests.py",
        "        self._leads.is_replaced_by(lead)\n",
        "",
        (SQL_DATABASE, "-k", "Postgres and kept_with_its_leads"),
    ),
    Fault(
        "bells: who comes while a ring is on its way is told of by that one",
        f"{ADAPTERS}/job_queues/saq.py",
        "            for told in waiting:\n",
        "            for told in [*waiting, *self._waiting.pop(bell, [])]:\n",
        ("tests/integration/adapters/test_saq_job_queue.py", "-k", "on_its_way"),
    ),
    Fault(
        "inserts: each is compiled again",
        f"{SQL}/inserts.py",
        "class _PostgresIfFree(PostgresInsert):\n    inherit_cache = True\n",
        "class _PostgresIfFree(PostgresInsert):\n    inherit_cache = False\n",
        ("tests/unit/adapters/test_inserts.py",),
    ),
    Fault(
        "plans: one that was made for a tiny table is kept for a large one",
        f"{SQL}/engine.py",
        '"enable_seqscan": "off",',
        '"enable_seqscan": "on",',
        ("tests/integration/adapters/test_lead_list_plans.py", "-k", "kept"),
    ),
    Fault(
        "receipts: a key that was taken is new for certain",
        f"{SQL}/receipts.py",
        "        if on_postgres and await rows_of(self._connection, _TAKING, values):\n",
        "        await rows_of(self._connection, _TAKING, values)\n        if on_postgres:\n",
        (SQL_DATABASE, "-k", "Postgres and finds_the_fingerprint"),
    ),
]
