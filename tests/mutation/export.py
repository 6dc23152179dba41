"""The opposites of what exports promise."""

from tests.mutation.fault import APPLICATION, HTTP, Fault

EXPORT = "tests/unit/http/test_export.py"
CSV_TEXT = "tests/unit/http/test_csv_text.py"
USE_CASE = f"{APPLICATION}/export_leads.py"
DOWNLOAD = f"{HTTP}/download.py"

FAULTS = [
    Fault(
        "export: leads of one moment are lost where a page ends",
        USE_CASE,
        "Position(page[-1].created_at, page[-1].id)",
        "Position(page[-1].created_at, page[0].id)",
        (EXPORT, "-k", "stays_is_exported_once"),
    ),
    Fault(
        "export: a transaction stays open while a page is taken",
        USE_CASE,
        "            if page:\n                yield page\n",
        "                if page:\n                    yield page\n",
        (EXPORT, "-k", "no_transaction_is_open"),
    ),
    Fault(
        "export: the filters are ignored",
        USE_CASE,
        "page(self.page_size, after, wanted)",
        "page(self.page_size, after)",
        (EXPORT, "-k", "what_the_filters_name"),
    ),
    Fault(
        "export: a spreadsheet runs what a lead is called",
        f"{HTTP}/csv_text.py",
        "[defused(text) for text in row]",
        "list(row)",
        (EXPORT, "-k", "looks_like_a_formula"),
    ),
    Fault(
        "export: an apostrophe of the lead's own is taken off",
        "src/domain/formulas.py",
        "if _DEFUSED.match(text) else",
        'if text.startswith("\'") else',
        (CSV_TEXT, "-k", "stays_as_it_is or comes_back"),
    ),
    Fault(
        "export: one that breaks off ends like one that is whole",
        DOWNLOAD,
        '            log.warning("a download was cut off", '
        'extra={"reason": str(error) or "it stalled"})\n',
        "            log.warning(str(error))\n"
        '            await send({"type": "http.response.body", "body": b"", "more_body": False})\n',
        (EXPORT, "-k", "never_gets_its_end"),
    ),
    Fault(
        "export: the work goes on for a reader who has left",
        DOWNLOAD,
        "_left(receive),",
        "_stopped(self.draining),",
        (EXPORT, "-k", "goes_away"),
    ),
    Fault(
        "export: a reader who takes nothing keeps his place for ever",
        DOWNLOAD,
        "asyncio.timeout(STALLED_SECONDS)",
        "asyncio.timeout(None)",
        (EXPORT, "-k", "takes_nothing"),
    ),
    Fault(
        "export: as many run at once as are asked for",
        f"{HTTP}/places.py",
        "        if self.running >= self.capacity:",
        "        if False:",
        (EXPORT, "-k", "no_more_exports"),
    ),
    Fault(
        "export: a database that is away makes an empty file",
        f"{HTTP}/export.py",
        "    first = await anext(pieces)\n",
        '    first = b""\n',
        (EXPORT, "-k", "away_before_the_first"),
    ),
]
