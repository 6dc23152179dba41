"""What a source of somebody's JSON must not do."""

from tests.mutation.fault import Fault

SOURCE = "src/adapters/lead_sources/json.py"
HTTP = "src/adapters/lead_sources/_http.py"
TESTS = ("tests/integration/adapters/test_json_source.py",)

FAULTS = [
    Fault(
        "json: pages are followed for ever",
        SOURCE,
        "            _refuse_repeated(rows, seen)\n",
        "",
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
