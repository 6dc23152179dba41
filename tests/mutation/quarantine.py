"""The opposites of what is promised of rejected rows, and of when a source was read."""

from tests.mutation.fault import APPLICATION, HTTP, SQL, SQL_DATABASE, Fault

QUARANTINE = "tests/unit/test_quarantine.py"
REJECTS = "tests/unit/http/test_rejects.py"
SYNC = f"{APPLICATION}/sync_leads.py"
KEPT_AT_THE_END = """\
            if await work.sync_runs.settle(ended, run.claim):
                await work.rejects.keep(run.id, rejects)
"""
KEPT_TOO_LATE = """\
            await work.sync_runs.settle(ended, run.claim)
        async with self.unit_of_work() as work:
            await work.rejects.keep(run.id, rejects)
"""

FAULTS = [
    Fault(
        "quarantine: who comes too late keeps his rejects beside those of the next",
        SYNC,
        KEPT_AT_THE_END,
        KEPT_AT_THE_END.replace("if await", "if [await").replace("claim):", "claim)]:"),
        (QUARANTINE, "-k", "starts_over"),
    ),
    Fault(
        "quarantine: a run is at its end before its rejects are kept",
        SYNC,
        KEPT_AT_THE_END,
        KEPT_TOO_LATE,
        (QUARANTINE, "-k", "cannot_be_kept"),
    ),
    Fault(
        "quarantine: each batch counts its rejects anew",
        SYNC,
        "merged.rejects, len(rejects))",
        "merged.rejects, 0)",
        (QUARANTINE, "-k", "all_batches"),
    ),
    Fault(
        "quarantine: a retry is lost in any run that is open",
        f"{APPLICATION}/quarantine.py",
        "            if run.retried_from != run_id:\n                raise SyncRunOpen(run.id)\n",
        "",
        (REJECTS, "-k", "another_run"),
    ),
    Fault(
        "quarantine: a retry reads the source",
        SYNC,
        "        if run.retried_from:\n",
        "        if False:\n",
        (QUARANTINE, "-k", "not_the_source"),
    ),
    Fault(
        "quarantine: an outage ends a retry",
        SYNC,
        "    except (LeadSourceFailed, DatabaseUnavailable):\n",
        "    except LeadSourceFailed:\n",
        (QUARANTINE, "-k", "database_is_away"),
    ),
    Fault(
        "quarantine: what is left of a row that was cut is offered as a row",
        f"{APPLICATION}/quarantine.py",
        "BATCH, after, whole_only=True)",
        "BATCH, after)",
        (QUARANTINE, "-k", "not_the_source"),
    ),
    Fault(
        "quarantine: rows are forgotten before their time",
        f"{SQL}/rejects.py",
        ".where(WITH_REJECTS, _RUNS.finished_at <= clock(self._connection, -kept))",
        ".where(WITH_REJECTS, _RUNS.finished_at <= clock(self._connection))",
        (SQL_DATABASE, "-k", "TestSqlite and time_is_over"),
    ),
    Fault(
        "quarantine: hostile rows lose what has no column",
        f"{HTTP}/reject_lines.py",
        "has_others=len(names) > MAX_FIELDS",
        "has_others=False",
        (REJECTS, "-k", "endless_columns"),
    ),
    Fault(
        "syncs: a retry makes a source look read",
        f"{SQL}/sync_runs.py",
        ".where(READ, OF_SOURCE)",
        '.where(_RUNS.state == "succeeded", OF_SOURCE)',
        (SQL_DATABASE, "-k", "TestSqlite and nor_retries"),
    ),
    Fault(
        "syncs: a slot beside an open run is dropped without a word",
        SYNC,
        "            if slot is not None and run.slot != slot:\n",
        "            if False:\n",
        ("tests/unit/test_sync_leads.py", "-k", "skipped_and_says_so"),
    ),
    Fault(
        "syncs: readiness waits for when sources were read",
        f"{APPLICATION}/last_syncs.py",
        "asyncio.timeout(DEADLINE_SECONDS)",
        "asyncio.timeout(None)",
        ("tests/unit/test_last_syncs.py", "-k", "not_waited_for"),
    ),
]
