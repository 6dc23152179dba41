"""The opposites of what is promised of files and of sources that mean harm."""

from tests.mutation.fault import ADAPTERS, APPLICATION, Fault

SOURCES = f"{ADAPTERS}/lead_sources"
CSV_FILES = "tests/unit/adapters/test_csv_files.py"
RANDOMUSER = "tests/integration/adapters/test_randomuser_source.py"

FAULTS = [
    Fault(
        "feeds: an old encoding is guessed",
        f"{SOURCES}/_csv.py",
        'if start.startswith(mark)), "utf-8")',
        'if start.startswith(mark)), "latin-1")',
        (CSV_FILES, "-k", "old_encoding"),
    ),
    Fault(
        "feeds: only commas separate",
        f"{SOURCES}/_csv.py",
        'SEPARATORS = ",;\\t|"',
        'SEPARATORS = ","',
        (CSV_FILES, "-k", "however_it_was_saved"),
    ),
    Fault(
        "feeds: cells beyond the header are dropped without a word",
        f"{SOURCES}/_csv.py",
        "if len(record) > columns.width and (",
        "if len(record) < 0 and (",
        (CSV_FILES, "-k", "broken_row"),
    ),
    Fault(
        "feeds: a cell that is too long ends at its first line",
        f"{SOURCES}/_csv_records.py",
        "while quotes % 2 or not piece",
        "while not piece",
        (CSV_FILES, "-k", "broken_row and one"),
    ),
    Fault(
        "feeds: the apostrophe of an export stays",
        f"{SOURCES}/_columns.py",
        'as_it_was(cell) if cell[0] == "\'" else cell',
        "cell",
        (CSV_FILES, "-k", "apostrophe"),
    ),
    Fault(
        "feeds: the unknown columns' names get into the log",
        f"{SOURCES}/_columns.py",
        "unknown = [place + 1 for",
        "unknown = [header[place] for",
        (CSV_FILES, "-k", "told_once"),
    ),
    Fault(
        "feeds: each page has the users of another seed",
        f"{SOURCES}/randomuser.py",
        "params |= _seed_of(answer)",
        "params |= {}",
        (RANDOMUSER, "-k", "first_answers_seed"),
    ),
    Fault(
        "feeds: a page that comes again is taken again",
        f"{SOURCES}/_pages.py",
        "if digest in seen:",
        "if digest in ():",
        ("tests/integration/test_hostile_sources.py", "-k", "same"),
    ),
    Fault(
        "feeds: what follows a packed answer is read for ever",
        f"{SOURCES}/_http.py",
        "if max(received, len(body)) > self._max_bytes",
        "if len(body) > self._max_bytes",
        (RANDOMUSER, "-k", "flood and without"),
    ),
    Fault(
        "feeds: rows of which none makes a lead are a success",
        f"{APPLICATION}/sync_leads.py",
        "run.counts.invalid == run.counts.fetched",
        "run.counts.invalid > run.counts.fetched",
        ("tests/unit/test_sync_leads.py", "-k", "none_makes_a_lead"),
    ),
]
