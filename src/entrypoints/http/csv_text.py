"""CSV as programs and spreadsheets read it: RFC 4180, and no cell that is taken for a formula."""

import csv
import re
from collections.abc import Iterable
from io import StringIO

# the full-width forms are operators to some spreadsheets, too
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_DEFUSED = re.compile(f"'{_FORMULA.pattern}")


def cell(text: str) -> str:
    """The text, after an apostrophe if a spreadsheet would take it for a formula.

    Not quoted yet: `lines` does that. One that begins with apostrophes and then like a formula
    gets one more, so that `text_of` gives back every text as it was.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def text_of(cell: str) -> str:
    """What `cell` was made of: without the apostrophe before what looks like a formula."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of texts as lines of CSV in UTF-8, each ended by CRLF, cells defused and quoted."""
    written = StringIO()
    csv.writer(written).writerows([cell(text) for text in row] for row in rows)
    # a lone surrogate, as raw rows may hold one, has no UTF-8
    return written.getvalue().encode(errors="replace")
