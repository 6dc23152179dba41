"""What a source of somebody's JSON must not do."""

from tests.mutation.fault import SQL, SQL_DATABASE, Fault

SOURCE = "src/adapters/lead_sources/json.py"
HTTP = "src/adapters/lead_sources/_http.py"
TESTS = ("tests/integration/adapters/test_json_source.py",)

FAULTS = [
    Fault(
        "json: pages are followed for ever",
        SOURCE,
        "                refuse_repeated(rows, seen)\n",
        "                pass\n",
        (*TESTS, "-k", "same_page"),
    ),
    Fault(
        "json: headers go to any server",
        HTTP,
        "    if (url.scheme, url.host, url.port) != (asked.scheme, asked.host, asked.port):",
        "    if url.scheme != asked.scheme:",
        TESTS,
    ),
    Fault(
        "json: the first page is the only one",
        SOURCE,
        "            if further is None:",
        "            if True:",
        TESTS,
    ),
    Fault(
        "json: of the next pages not only changes are asked for",
        SOURCE,
        "return self._url, {**always, self._following.parameter: str(cursor)}",
        "return self._url, {self._following.parameter: str(cursor)}",
        (*TESTS, "-k", "has_changed_since"),
    ),
    Fault(
        "json: what changed while it was read is passed over",
        "src/application/changed_leads.py",
        "began - OVERLAP",
        "began",
        ("tests/unit/test_sync_leads.py", "-k", "tells_changes"),
    ),
    Fault(
        "json: changes are asked for since the end of the last read",
        f"{SQL}/sync_runs.py",
        "select(_RUNS.started_at)",
        "select(_RUNS.finished_at)",
        (SQL_DATABASE, "-k", "TestSqlite and read_began"),
    ),
    Fault(
        "json: no change is taken for an empty answer",
        "src/application/sync_leads.py",
        "if run.counts.fetched == 0 and may_be_empty:",
        "if False:",
        ("tests/unit/test_sync_leads.py", "-k", "tells_changes"),
    ),
    Fault(
        "json: a null is a value",
        SOURCE,
        " and values[0] is not None",
        "",
        TESTS,
    ),
    Fault(
        "json: the last find counts",
        SOURCE,
        "path.findall(row)[:1]",
        "path.findall(row)[-1:]",
        TESTS,
    ),
    Fault(
        "json: headers are shown",
        "src/entrypoints/setting_values.py",
        "    (SecretHeaders, repr),\n",
        "    (SecretHeaders, lambda headers: str(dict(headers))),\n",
        ("tests/unit/test_settings.py",),
    ),
]
