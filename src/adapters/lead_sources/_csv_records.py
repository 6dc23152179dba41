"""Records of CSV text, one by one and bounded: a broken one costs no other."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TextIO

from domain.errors import LeadSourceFailed

MAX_RECORD = 1_000_000
"""Characters of one record; a longer one is passed over without being held."""
SHOWN = 1_000
"""Characters of a broken record that are kept to be looked at."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read: how it begins, and why."""

    beginning: str
    why: str


class _TooLong(Exception):
    pass


class Records:
    """Reads RFC 4180 records; lines end by CRLF, LF or CR. An iterator; blank lines are none.

    LeadSourceFailed, `malformed`, at a quote that is never closed: what follows it is unsure.
    """

    def __init__(self, text: TextIO, separator: str) -> None:
        self._text = text
        self._separator = separator
        self.line = 0
        """The number of the last line that was read."""

    def __iter__(self) -> Iterator[Sequence[str] | Broken]:
        while line := self._text.readline(MAX_RECORD + 1):
            self.line += 1
            if len(line) > MAX_RECORD:
                yield self._passed_over(line, line.count('"'))
            elif '"' in line:
                yield self._quoted(line)
            elif record := line.rstrip("\r\n"):
                yield record.split(self._separator)

    def _quoted(self, first: str) -> Sequence[str] | Broken:
        """The record that begins with this line, and goes on while a quoted cell does."""
        began, rest = self.line, _Rest(self._text, len(first))
        reader = csv.reader(chain([first], rest), delimiter=self._separator, strict=True)
        try:
            return next(reader)
        except _TooLong:
            return self._passed_over(first, first.count('"') + rest.quotes, rest.last)
        except csv.Error as error:
            if "field larger" in str(error):
                return self._passed_over(first, first.count('"') + rest.quotes, rest.last)
            if "unexpected end" in str(error):
                raise _unclosed(began) from None
            return Broken(first[:SHOWN], f"line {began}: a quote stands where none may")
        finally:
            self.line += rest.lines

    def _passed_over(self, beginning: str, quotes: int, last: str = "") -> Broken:
        """Read on to the end of the record: the first line's end outside of quotes."""
        began, piece = self.line, last or beginning
        while quotes % 2 or not piece.endswith(("\n", "\r")):
            if not (piece := self._text.readline(MAX_RECORD)):
                if quotes % 2:
                    raise _unclosed(began)
                break
            quotes += piece.count('"')
            self.line += piece.endswith(("\n", "\r"))
        return Broken(beginning[:SHOWN], f"line {began}: a cell is too long to be read")


class _Rest:
    """The lines after a record's first, counted, until the record is too long."""

    def __init__(self, text: TextIO, length: int) -> None:
        self._text = text
        self._length = length
        self.lines = self.quotes = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD):
            self.lines += 1
            self.quotes += line.count('"')
            self.last = line
            self._length += len(line)
            if self._length > MAX_RECORD:
                raise _TooLong
            yield line


def _unclosed(line: int) -> LeadSourceFailed:
    return LeadSourceFailed(
        "malformed", f"not CSV: a quote that opens in line {line} is never closed"
    )
