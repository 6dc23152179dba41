"""What no JSON API may do to who reads it, and what is not read anew."""

from tests.mutation.fault import ADAPTERS, Fault

SOURCES = f"{ADAPTERS}/lead_sources"
JSON, HTTP = f"{SOURCES}/json.py", f"{SOURCES}/_http.py"
TESTS = "tests/integration/adapters/test_json_source.py"
HOSTILE = "tests/integration/test_hostile_json_source.py"

FAULTS = [
    Fault(
        "sources: what has not changed is sent again",
        HTTP,
        '                **({"if-none-match": kept.etag} if kept else {}),\n',
        "",
        (TESTS, "-k", "changed"),
    ),
    Fault(
        "sources: what was read once is read for ever",
        HTTP,
        "if kept is not None and response.status_code == NOT_MODIFIED:",
        "if kept is not None:",
        (TESTS, "-k", "changed"),
    ),
    Fault(
        "sources: an ETag of any characters is sent back",
        f"{SOURCES}/_kept_answers.py",
        " and answer.etag.isascii() and answer.etag.isprintable()",
        "",
        (TESTS, "-k", "etag"),
    ),
    Fault(
        "sources: everything is kept for ever",
        f"{SOURCES}/_kept_answers.py",
        "            del self._answers[next(iter(self._answers))]",
        "            break",
        ("tests/unit/adapters/test_kept_answers.py",),
    ),
    Fault(
        "sources: everybody waits while a page is searched",
        JSON,
        "await asyncio.to_thread(self._rows, page.document)",
        "self._rows(page.document)",
        (TESTS, "-k", "holds_up"),
    ),
    Fault(
        "sources: a page may have millions of rows",
        JSON,
        "        if len(rows) > MAX_ROWS:",
        "        if len(rows) < 0:",
        (TESTS, "-k", "too_many"),
    ),
    Fault(
        "sources: pages go on for ever",
        JSON,
        "MAX_PAGES = 1_000",
        "MAX_PAGES = 1_000_000",
        (TESTS, "-k", "thousandth"),
    ),
    Fault(
        "sources: a page too deep is a defect of ours",
        JSON,
        '    except RecursionError:\n        raise LeadSourceFailed("malformed",',
        '    except KeyError:\n        raise LeadSourceFailed("malformed",',
        (TESTS, "-k", "too_deep"),
    ),
    Fault(
        "sources: a row too deep costs all rows",
        JSON,
        "        except RecursionError:\n            return {}",
        "        except KeyError:\n            return {}",
        (TESTS, "-k", "too_deep"),
    ),
    Fault(
        "sources: an answer may have any length",
        HTTP,
        "            if max(received, len(body)) > self._max_bytes:",
        "            if received < 0:",
        (HOSTILE, "-k", "10 and memory"),
    ),
]
