"""Dates, months, weekdays and quarters in a plain text."""

import re
from collections.abc import Iterable

from domain.grounding_terms import MONTHS, QUARTERS, RELATIVE_DAYS, WEAK_NAMES, WEEKDAYS
from domain.grounding_text import HOLE, Mention, opens_sentence, word_key


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MONTH = f"(?P<month>{_any_of(MONTHS)})"
_YEAR = r"(?:,? (?P<year>\d{4})(?!\d))?"
_ISO = re.compile(r"(?<![\w-])(\d{4})([-/.])(\d\d)\2(\d\d)(?!\d)(?:T(?=\d\d:))?")
_NUMERIC = re.compile(r"(?<![\w.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?![\w])(?!\.\d)")
_DAY_MONTH = re.compile(
    rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?(?: of| de)? ?{_MONTH}\b\.?{_YEAR}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w%:]|[.,]\d){_YEAR}", re.IGNORECASE
)
_NAME = re.compile(rf"\b(?:{_MONTH}|(?P<weekday>{_any_of(WEEKDAYS)}))(?!\w){_YEAR}", re.IGNORECASE)
_QUARTER = re.compile(
    rf"\b(?:Q(?P<digit>[1-4])|(?P<word>{_any_of(QUARTERS)}) quarter)(?!\w)"
    r"(?:[ /-]?(?P<year>\d{4})(?!\d))?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday"
    r"|(?:last|next|this|coming|past) (?:week|weekend|month|quarter|year))\b",
    re.IGNORECASE,
)
RELATIVE_KEYS = frozenset(f"r:{words}" for words in RELATIVE_DAYS)
"""Every key of a date that is told from today."""


def read_dates(text: str, found: list[Mention]) -> str:
    """Add what is found to the list; the text is given back with holes in its place."""

    def iso(date: re.Match[str]) -> str:
        return _told(_whole(int(date[1]), int(date[3]), int(date[4])))

    def numeric(date: re.Match[str]) -> str:
        year = int(date[4]) + (2000 if len(date[4]) == 2 else 0)
        ways = ((int(date[1]), int(date[3])), (int(date[3]), int(date[1])))
        readings = tuple(_day(month, day, year) for day, month in ways if 0 < month <= 12)
        grants = tuple(f"m:{month}" for _, month in ways)
        return _told(Mention("date", (*readings, (f"n:{date[0]}",)), grants))

    def named(date: re.Match[str]) -> str:
        year = int(date["year"]) if date["year"] else None
        return _told(_whole(year, MONTHS[date["month"].lower()], int(date["day"])))

    def name(date: re.Match[str]) -> str:
        word = date["month"] or date["weekday"]
        if _is_no_date(word, opens_sentence(text, date.start())):
            return date[0]
        key = _month_key(word) if date["month"] else f"k:{WEEKDAYS[word.lower()]}"
        year = (f"n:{date['year']}",) if date["year"] else ()
        literal = () if word.lower() == "may" else ((word_key(word), *year),)
        return _told(Mention("date", ((key, *year), *literal), (word_key(word),)))

    def quarter(date: re.Match[str]) -> str:
        number = date["digit"] or str(QUARTERS[date["word"].lower()])
        year = (f"n:{date['year']}",) if date["year"] else ()
        return _told(Mention("date", ((f"q:{number}", *year),)))

    def relative(date: re.Match[str]) -> str:
        return _told(Mention("date", ((f"r:{date[0].lower()}",),)))

    def _told(mention: Mention) -> str:
        found.append(mention)
        return HOLE

    text = _NUMERIC.sub(numeric, _ISO.sub(iso, text))
    text = _MONTH_DAY.sub(named, _DAY_MONTH.sub(named, text))
    text = _NAME.sub(name, text)
    return _RELATIVE.sub(relative, _QUARTER.sub(quarter, text))


def _whole(year: int | None, month: int, day: int) -> Mention:
    return Mention("date", (_day(month, day, year),), (f"m:{month}",))


def _day(month: int, day: int, year: int | None) -> tuple[str, ...]:
    return (f"d:{month}-{day}", *((f"n:{year}",) if year else ()))


def _month_key(word: str) -> str:
    return f"m:{MONTHS[word.lower()]}"


def _is_no_date(word: str, opens: bool) -> bool:
    """Lower case `march` and `sun` are common words, and so is `May` where it opens a sentence."""
    weak = word.lower() in WEAK_NAMES
    return weak and (word.islower() or (opens and word.lower() in {"may", "march"}))
