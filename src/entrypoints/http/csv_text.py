"""CSV as programs and spreadsheets read it: RFC 4180, and no cell that is taken for a formula."""

import csv
from collections.abc import Iterable
from io import StringIO

from domain.formulas import defused


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of texts as lines of CSV in UTF-8, each ended by CRLF, cells defused and quoted."""
    written = StringIO()
    csv.writer(written).writerows([defused(text) for text in row] for row in rows)
    # a lone surrogate, as raw rows may hold one, has no UTF-8
    return written.getvalue().encode(errors="replace")
