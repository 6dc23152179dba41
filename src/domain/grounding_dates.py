"""Dates, months, weekdays and quarters in a plain text."""

import re
from collections.abc import Collection, Iterable

from domain.grounding_terms import MONTHS, QUARTERS, RELATIVE_DAYS, WEAK_NAMES, WEEKDAYS
from domain.grounding_text import Mention, cut_out, opens_sentence, word_key


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MONTHS = frozenset(MONTHS)
_NAMES = frozenset({*MONTHS, *WEEKDAYS})
_QUARTER_WORDS = frozenset({"q", "quarter"})
_RELATIVE_WORDS = frozenset(words.split()[-1] for words in RELATIVE_DAYS)
DIGIT = re.compile(r"\d")
_ORDINAL_MONTH = re.compile(r"\d(?:st|nd|rd|th|er)[^\W\d_]{3}", re.IGNORECASE)
"""`3rdmarch`, as some write it."""
_JOINED = re.compile(r"\d[-/.]\d")
_WORD = rf"[^\W\d_]{{3,{max(map(len, _NAMES))}}}"
"""A month or a weekday, perhaps; an alternation of all their names is slow."""
_YEAR = r"(?:,? (?P<year>\d{4})(?!\d))?"
# patterns that begin with what they look for are searched for much faster, so that what may not
# stand before it is looked at behind its first digit
_ISO = re.compile(r"(\d(?<![\w-]\d)\d{3})([-/.])(\d\d)\2(\d\d)(?!\d)(?:T(?=\d\d:))?")
_NUMERIC = re.compile(r"(\d(?<![\w.]\d)\d?)([-/.])(\d{1,2})\2(\d{4}|\d\d)(?![\w])(?!\.\d)")
_SHORT = re.compile(r"(\d(?<![\w.,/]\d)\d?)(?:(?=\.\d+\.)|(?=/))([./])(\d{1,2})(?![\w/]|[.,]\d)")
_DAY_MONTH = re.compile(
    r"(?P<day>\d(?<![\w.,]\d)\d?)(?:st|nd|rd|th|er|\.)?(?: (?:of |de )?)?"
    rf"(?P<month>{_WORD})\b\.?{_YEAR}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_WORD})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w%:]|[.,]\d){_YEAR}",
    re.IGNORECASE,
)
_NAME = re.compile(rf"\b(?P<name>{_WORD})(?!\w){_YEAR}")
_QUARTER = re.compile(
    rf"\b(?:Q(?P<digit>[1-4])|(?P<word>{_any_of(QUARTERS)}) quarter)(?!\w)"
    r"(?:[ /-]?(?P<year>\d{4})(?!\d))?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(rf"\b(?:{_any_of(RELATIVE_DAYS)})\b", re.IGNORECASE)
RELATIVE_KEYS = frozenset(f"r:{words}" for words in RELATIVE_DAYS)
"""Every key of a date that is told from today."""


def read_dates(text: str, words: Collection[str], found: list[Mention]) -> str:
    """Add what is found to the list; the text is given back with holes in its place.

    `words` are its runs of letters, in lower case, and may be more.
    """
    # the patterns are slow, and most texts have nothing for them
    digits = DIGIT.search(text) is not None
    if digits and _JOINED.search(text):
        text = cut_out(text, _ISO, _iso, found)
        text = cut_out(text, _NUMERIC, _numeric, found)
        text = cut_out(text, _SHORT, _short, found)
    if digits and (not _MONTHS.isdisjoint(words) or _ORDINAL_MONTH.search(text)):
        text = cut_out(text, _DAY_MONTH, _named, found)
        text = cut_out(text, _MONTH_DAY, _named, found)
    if not _NAMES.isdisjoint(words):
        text = cut_out(text, _NAME, _name, found)
    if not _QUARTER_WORDS.isdisjoint(words):
        text = cut_out(text, _QUARTER, _quarter, found)
    if not _RELATIVE_WORDS.isdisjoint(words):
        text = cut_out(text, _RELATIVE, _relative, found)
    return text


def _iso(date: re.Match[str]) -> Mention:
    return _whole(int(date[1]), int(date[3]), int(date[4]))


def _numeric(date: re.Match[str]) -> Mention:
    year = int(date[4]) + (2000 if len(date[4]) == 2 else 0)
    ways = ((int(date[1]), int(date[3])), (int(date[3]), int(date[1])))
    readings = tuple(_day(month, day, year) for day, month in ways if 0 < month <= 12)
    grants = tuple(f"m:{month}" for _, month in ways)
    return Mention("date", (*readings, (f"n:{date[0]}",)), grants)


def _short(date: re.Match[str]) -> Mention:
    """`14.3.` and `3/14`, which may be numbers as well."""
    first, second = int(date[1]), int(date[3])
    ways = ((first, second), (second, first))
    readings = [_day(month, day, None) for day, month in ways if 0 < month <= 12]
    numbers = (f"n:{first}", f"n:{second}") if date[2] == "/" else (f"n:{first}.{date[3]}",)
    half = ("n:0.5",) if date[0] == "1/2" else ()
    return Mention("number", (*readings, numbers), half)


def _named(date: re.Match[str]) -> Mention | None:
    if date["month"].lower() not in MONTHS:
        return None
    year = int(date["year"]) if date["year"] else None
    return _whole(year, MONTHS[date["month"].lower()], int(date["day"]))


def _name(date: re.Match[str]) -> Mention | None:
    word = date["name"]
    key = _name_key(word.lower())
    if key is None or _is_no_date(word, opens_sentence(date.string, date.start())):
        return None
    year = (f"n:{date['year']}",) if date["year"] else ()
    literal = () if word.lower() == "may" else ((word_key(word), *year),)
    return Mention("date", ((key, *year), *literal), (word_key(word),))


def _quarter(date: re.Match[str]) -> Mention:
    number = date["digit"] or str(QUARTERS[date["word"].lower()])
    year = (f"n:{date['year']}",) if date["year"] else ()
    return Mention("date", ((f"q:{number}", *year),))


def _relative(date: re.Match[str]) -> Mention:
    return Mention("date", ((f"r:{date[0].lower()}",),))


def _whole(year: int | None, month: int, day: int) -> Mention:
    return Mention("date", (_day(month, day, year),), (f"m:{month}",))


def _day(month: int, day: int, year: int | None) -> tuple[str, ...]:
    return (f"d:{month}-{day}", *((f"n:{year}",) if year else ()))


def _name_key(word: str) -> str | None:
    if word in MONTHS:
        return f"m:{MONTHS[word]}"
    return f"k:{WEEKDAYS[word]}" if word in WEEKDAYS else None


def _is_no_date(word: str, opens: bool) -> bool:
    """Lower case `march` and `sun` are common words, and so is `May` where it opens a sentence."""
    return (word.islower() and word in WEAK_NAMES) or (opens and word == "May")
