"""The opposites of what requests for many summaries, and comparisons of runs, promise."""

from tests.mutation.fault import (
    ADAPTERS,
    APPLICATION,
    DOMAIN,
    HTTP,
    MEMORY_DATABASE,
    SQL,
    SQL_DATABASE,
    Fault,
)

SUMMARIES = "tests/unit/http/test_summaries.py"
SUMMARIZE_LEADS = "tests/unit/test_summarize_leads.py"

FAULTS = [
    Fault(
        "bulk summaries: a true summary is paid for again",
        f"{APPLICATION}/true_summaries.py",
        "    if not made:",
        "    if True:",
        (SUMMARIES, "-k", "still_true"),
    ),
    Fault(
        "bulk summaries: a summary is true whatever has moved",
        f"{APPLICATION}/true_summaries.py",
        " and lead.basis and not lead.stale",
        " and lead.basis",
        (SUMMARIES, "-k", "still_true"),
    ),
    Fault(
        "bulk summaries: force is ignored",
        f"{APPLICATION}/summarize_leads.py",
        "        if not asked.force:",
        "        if True:",
        (SUMMARIES, "-k", "force_asks_again"),
    ),
    Fault(
        "bulk summaries: what is not stale is asked for with what is",
        f"{APPLICATION}/summarize_leads.py",
        " if lead.stale or not asked.only_stale]",
        "]",
        (SUMMARIES, "-k", "only_stale"),
    ),
    Fault(
        "bulk summaries: runs that were joined are not waited for",
        f"{APPLICATION}/summarize_leads.py",
        "        runs = [*queued, *met, *open_runs]",
        "        runs = [*queued]",
        (SUMMARIES, "-k", "is_joined"),
    ),
    Fault(
        "bulk summaries: what others did meanwhile does not count",
        f"{APPLICATION}/summarize_leads.py",
        "        true = {} if force else await true_summaries(work, held)",
        "        true = dict[LeadId, SummaryRun]()",
        ("tests/integration/test_crowds_of_summaries.py", "-k", "meanwhile"),
    ),
    Fault(
        "bulk summaries: runs that others opened meanwhile are joined by nobody",
        f"{APPLICATION}/summarize_leads.py",
        "[LeadId(run.lead_id) for run in news if run.id not in added]",
        "[]",
        ("tests/integration/test_crowds_of_summaries.py", "-k", "postgres and twenty"),
    ),
    Fault(
        "bulk summaries: a thousand leads are paid for twice",
        f"{APPLICATION}/true_summaries.py",
        "        if run.state is RunState.SUCCEEDED",
        "        if run.state is RunState.BLOCKED",
        ("tests/integration/test_unchanged_input.py", "-k", "memory"),
    ),
    Fault(
        "bulk summaries: the cache goes on showing leads that do not wait",
        f"{APPLICATION}/summarize_leads.py",
        "        await work.leads.save_all([lead.awaiting_summary(now) for lead in waiting])\n",
        "",
        (SUMMARIZE_LEADS,),
    ),
    Fault(
        "bulk summaries: the bell is rung before the commit",
        f"{APPLICATION}/summarize_leads.py",
        "            await receipt.keep(work, status)\n",
        "            await receipt.keep(work, status)\n"
        "            await self.jobs.ring(Bell.SUMMARIES)\n",
        (SUMMARIZE_LEADS, "-k", "bell"),
    ),
    Fault(
        "bulk summaries: the answer is kept after the commit",
        f"{APPLICATION}/summarize_leads.py",
        "            await receipt.keep(work, status)\n",
        "        async with self.unit_of_work() as work:\n"
        "            await receipt.keep(work, status)\n",
        (SUMMARIZE_LEADS, "-k", "cannot_be_kept"),
    ),
    Fault(
        "bulk summaries: the budget is not asked",
        f"{APPLICATION}/summarize_leads.py",
        "        await self.gate.check(work, waiting)\n",
        "",
        ("tests/unit/http/test_ai_budget.py", "-k", "for_many"),
    ),
    Fault(
        "bulk summaries: the list seems to end at the limit",
        f"{APPLICATION}/summarize_leads.py",
        "rest=_place(page[-1]) if len(found) > len(page) else None",
        "rest=None",
        (SUMMARIES, "-k", "walk"),
    ),
    Fault(
        "bulk summaries: a walk skips the lead that showed that there are more",
        f"{APPLICATION}/summarize_leads.py",
        "rest=_place(page[-1])",
        "rest=_place(found[-1])",
        (SUMMARIES, "-k", "walk"),
    ),
    Fault(
        "bulk summaries: a broken rule of the filter is told of the body",
        f"{HTTP}/bulk_summary_body.py",
        '[replace(problem, within=("filter",)) for problem in inside]',
        "[replace(problem) for problem in inside]",
        (SUMMARIES, "-k", "told_all_at_once or all_that_is_wrong"),
    ),
    Fault(
        "bulk summaries: runs that were added together are never due",
        f"{SQL}/summary_runs.py",
        ', "due_at": clock(self._connection)}\n        added',
        "}\n        added",
        (SQL_DATABASE, "-k", "TestSqlite and of_many_runs"),
    ),
    Fault(
        "bulk summaries: the runs of all requests are counted as those of one",
        f"{SQL}/bulk_summaries.py",
        "            .where(waited_for.bulk_id == bulk_id)\n",
        "",
        (SQL_DATABASE, "-k", "TestSqlite and runs_of_a_request"),
    ),
    Fault(
        "bulk summaries: runs are added one by one",
        f"{SQL}/summary_runs.py",
        "        added = await insert_free(self._connection, SUMMARY_RUNS, rows, due)\n",
        "        added = set[UUID]()\n"
        "        for row in rows:\n"
        "            added |= await insert_free(self._connection, SUMMARY_RUNS, [row], due)\n",
        ("tests/integration/test_bulk_summary_statements.py", "-k", "1000 and sqlite"),
    ),
    Fault(
        "diff: a run is compared with the first one",
        f"{ADAPTERS}/databases/memory/summary_runs.py",
        "return max(earlier, key=_ended_at, default=None)",
        "return min(earlier, key=_ended_at, default=None)",
        (MEMORY_DATABASE, "-k", "the_run_before"),
    ),
    Fault(
        "diff: a run is compared with a failed one",
        f"{SQL}/summary_runs.py",
        '_RUNS.lead_id == run.lead_id, _RUNS.state == "succeeded", place < ended',
        "_RUNS.lead_id == run.lead_id, place < ended",
        (SQL_DATABASE, "-k", "TestSqlite and the_run_before"),
    ),
    Fault(
        "diff: a run is compared with another lead's",
        f"{SQL}/summary_runs.py",
        '_RUNS.lead_id == run.lead_id, _RUNS.state == "succeeded", place < ended',
        '_RUNS.state == "succeeded", place < ended',
        (SQL_DATABASE, "-k", "TestSqlite and the_run_before"),
    ),
    Fault(
        "diff: what had moved is told backwards",
        f"{DOMAIN}/run_diff.py",
        "previous.basis.moved_to(run.basis)",
        "run.basis.moved_to(previous.basis)",
        ("tests/unit/domain/test_run_diff.py",),
    ),
]
