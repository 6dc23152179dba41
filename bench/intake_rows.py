"""A file of leads for the benchmark of the intake, and what must become of its rows."""

import csv
import io
from dataclasses import dataclass

from domain.sync import SyncCounts

COLUMNS = ("Name", "E-Mail", "Phone", "Company", "Job title", "Notes")
FIRST = ("Ada", "Grace", "Karl", "Zo\u00eb", "Alan", "J\u00fcrgen", "Mary", "Edsger", "Tim", "Lin")
LAST = ("Lovelace", "Hopper", "Benz", "Turing", "M\u00fcller", "Jackson", "Dijkstra", "Torvalds")
COMPANIES = ("Navy", "\u00c9cole Polytechnique", "Analytical Engines Ltd.", "Stra\u00dfe AG", "")
TITLES = ("Head of Purchasing", "CTO", "Engineer", "")
NOTES = ("Met at the fair, wants a quote by May.", "", "Asked for prices twice; call on Monday.")
BROKEN = ("nobody", "no one@example.com", "a@b@example.com", "@example.com", "")
HUNDRED = 100
"""Of so many rows, three repeat an earlier one and one makes no lead."""
FAR = 10_000
"""More rows than a batch has."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A CSV file, and the counts that its import must end with, each of them exactly."""

    file: bytes
    counts: SyncCounts


def sample(rows: int, first: int = 0) -> Sample:
    """`rows` is a multiple of 100; numbers from `first` on make its addresses."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    duplicate = unchanged = 0
    for n in range(rows):
        number = first + n
        match n % HUNDRED:
            case 17 | 49:
                duplicate += 1
                writer.writerow(_row(number - 9, shouted=True))
            case 83 if n >= FAR:
                # its first one is a lead by now, and has nothing to be filled
                unchanged += 1
                writer.writerow(_row(number - FAR + 1))
            case 83:
                duplicate += 1
                writer.writerow(_row(number - 9))
            case 71:
                name, _, *others = _row(number)
                writer.writerow((name, BROKEN[n // HUNDRED % len(BROKEN)], *others))
            case _:
                writer.writerow(_row(number))
    invalid = rows // HUNDRED
    created = rows - duplicate - unchanged - invalid
    return Sample(
        text.getvalue().encode(),
        SyncCounts(
            fetched=rows,
            created=created,
            duplicate=duplicate,
            unchanged=unchanged,
            invalid=invalid,
        ),
    )


def _row(number: int, *, shouted: bool = False) -> tuple[str, ...]:
    email = f"{LAST[number % 8].encode('ascii', 'ignore').decode()}.{number}"
    email = f"{email.lower()}@firm{number % 997}.example.com"
    return (
        f"{FIRST[number % 10]} {LAST[number % 8]}",
        email.upper() if shouted else email,
        f"+49 30 {number:07}" if number % 3 else "",
        COMPANIES[number % 5],
        TITLES[number % 4],
        NOTES[number % 3],
    )
