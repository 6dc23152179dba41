"""The opposites of what is promised of imports."""

from tests.mutation.fault import ADAPTERS, APPLICATION, HTTP, SQL, SQL_DATABASE, Fault

IMPORTS = "tests/unit/http/test_imports.py"
COPYING = "tests/integration/adapters/test_copying.py"

FAULTS = [
    Fault(
        "imports: a run that was cut off starts over",
        f"{APPLICATION}/import_leads.py",
        "self.run.counts.fetched, None)",
        "0, None)",
        (IMPORTS, "-k", "cut_off"),
    ),
    Fault(
        "imports: a run that is given back forgets how far it was",
        f"{APPLICATION}/sync_leads.py",
        "held = await work.sync_runs.get(run.id) or run",
        "held = run",
        (IMPORTS, "-k", "given_back"),
    ),
    Fault(
        "imports: a batch is merged for a run that was lost",
        f"{APPLICATION}/sync_leads.py",
        "                raise _Overtaken\n",
        "                return\n",
        (IMPORTS, "-k", "who_lost"),
    ),
    Fault(
        "imports: counts are forgotten when a run is claimed again",
        f"{SQL}/sync_runs.py",
        "counts=case((_GOES_ON, _RUNS.counts), else_=_NO_COUNTS)",
        "counts=_NO_COUNTS",
        (SQL_DATABASE, "-k", "TestSqlite and goes_on_with_its_counts"),
    ),
    Fault(
        "imports: one of a source joins the other",
        f"{SQL}/migrations/versions/0012_imports.py",
        "_index_open(OPEN_OF_SOURCE)",
        "_index_open(OPEN)",
        (SQL_DATABASE, "-k", "TestSqlite and stand_beside"),
    ),
    Fault(
        "imports: a dry run writes",
        f"{APPLICATION}/merge_leads.py",
        "            raise _Undone(merged)\n",
        "            pass\n",
        (IMPORTS, "-k", "dry_run"),
    ),
    Fault(
        "imports: the file stays when its run has ended",
        f"{APPLICATION}/sync_leads.py",
        "                    await work.staged.drop(run.id)\n",
        "                    pass\n",
        (IMPORTS, "-k", "forgotten_with_its_run"),
    ),
    Fault(
        "imports: a file of an open run is purged",
        f"{SQL}/staged.py",
        "            .where(~still_needed.exists())\n",
        "",
        (SQL_DATABASE, "-k", "TestSqlite and as_its_run_is_open"),
    ),
    Fault(
        "imports: the end of a character may be missing",
        f"{HTTP}/body_stream.py",
        "decode(piece, final=is_last)",
        "decode(piece)",
        (IMPORTS, "-k", "while_it_comes"),
    ),
    Fault(
        "imports: a mark that comes in two pieces is none",
        f"{HTTP}/body_stream.py",
        "if len(self._start) < len(UTF_16_MARKS[0]) and not is_last:",
        "if not self._start and not is_last:",
        (IMPORTS, "-k", "wherever_the_pieces_end"),
    ),
    Fault(
        "imports: who is refused is cut off while sending",
        f"{HTTP}/imports.py",
        "        await incoming.pass_over()\n",
        "",
        ("tests/integration/test_import_command.py", "-k", "long"),
    ),
    Fault(
        "imports: a broken line ends the file",
        f"{ADAPTERS}/lead_sources/_lines.py",
        '        return _broken(line, f"line {number}: it is not JSON")',
        "        raise",
        (IMPORTS, "-k", "broken_lines"),
    ),
    Fault(
        "imports: a key that is taken meanwhile breaks a whole batch",
        f"{SQL}/inserts.py",
        "        with suppress(UniqueViolationError):\n",
        "        with suppress():\n",
        (COPYING, "-k", "takes_meanwhile"),
    ),
    Fault(
        "imports: a COPY goes past the transaction that has not begun",
        f"{SQL}/copying.py",
        "    async with connection.begin_nested(), driver_of(connection) as driver:\n",
        "    async with driver_of(connection) as driver:\n",
        (SQL_DATABASE, "-k", "Postgres and first_of_all"),
    ),
    Fault(
        "imports: an outage while many are written is our own mistake",
        f"{SQL}/outages.py",
        " or _is_outdated(error) or _is_outage(error):\n",
        ":\n",
        (COPYING, "-k", "is_an_outage"),
    ),
    Fault(
        "imports: the log tells which rows could not be written",
        f"{SQL}/outages.py",
        "        error.detail = None\n        error.args",
        "        error.args",
        (COPYING, "-k", "repeats_nothing"),
    ),
    Fault(
        "imports: nothing is read ahead",
        f"{APPLICATION}/checked_rows.py",
        "            ahead = asyncio.create_task(following())\n            yield batch\n",
        "            yield batch\n            ahead = asyncio.create_task(following())\n",
        ("tests/unit/test_checked_rows.py", "-k", "read_while"),
    ),
    Fault(
        "addresses: a plain one keeps the spelling that its mailbox has not",
        "src/domain/address.py",
        "    if key != local and key.isalpha():\n",
        "    if key is None:\n",
        ("tests/unit/domain/test_address.py",),
    ),
    Fault(
        "addresses: a plain one may be at a reserved domain",
        "src/domain/address.py",
        ' or domain.rpartition(".")[2] in _RESERVED:',
        ":",
        ("tests/unit/domain/test_address.py",),
    ),
    Fault(
        "imports: a batch holds up everybody else in the process",
        f"{APPLICATION}/pauses.py",
        "            await asyncio.sleep(0)\n",
        "            pass\n",
        ("tests/unit/test_pauses.py",),
    ),
]
