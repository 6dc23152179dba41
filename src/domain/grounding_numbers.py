"""Numbers, times and phone numbers in a plain text, in digits and in words."""

import re
from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache

from domain.grounding_terms import NUMBER_WORDS, SCALES, UNITS
from domain.grounding_text import Mention, cut_out, word_key

MAX_EXACT = 15
"""Digits up to which a number is reckoned with; longer ones are compared as they stand."""
HOURS_PER_UNIT = {"hour": 1, "day": 24, "week": 168}

_DIGIT = re.compile(r"\d")
_SHORTEST_PHONE = 7
"""Digits."""
_REMEMBERED = 24
"""Characters up to which a number is so common that what it mentions is worth remembering."""
_LETTER_SCALES = {"k", "m", "mn", "bn", "mio", "tsd"}
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_ITEMS = frozenset({*NUMBER_WORDS, *SCALES} - _LETTER_SCALES)
_ITEM = "|".join(sorted(_ITEMS, key=len, reverse=True))
_UNIT = r"(?P<unit>[ -](?:(?:business|working|calendar)[ -])?(?P<of>hour|day|week)s?\b)?"
_PHONE = re.compile(
    r"(?<![\w,.])(?:\+|\(\+?)?\d(?:\d|[ ./-](?=[\d(])|\(|\)[ -]?(?=\d)){5,24}(?!\w)"
)
_HALF_DAY = r"(?P<half>am|pm|a\.m\b|p\.m\b|uhr)(?!\w)"
_TIMES = (
    re.compile(
        r"(?<![\w.,:])(?:(?P<h0>\d{1,2})(?:[:.](?P<m0>\d\d))?(?: ?- ?| to | and ))?"
        rf"(?P<h>\d{{1,2}})(?:[:.](?P<m>\d\d))? ?{_HALF_DAY}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\w.,:])(?P<h>[01]?\d|2[0-4])[:h](?P<m>[0-5]\d)(?::\d\d(?:\.\d+)?)?Z?(?![\w:])"
    ),
)
_HALF_DAYS = frozenset({"am", "pm", "uhr", "m"})
"""The last words of what tells the half of a day."""
_MAY_BE_TIME = re.compile(r"\d[:h][0-5]\d")
_MAY_BE_PHONE = re.compile(r"\d(?:[ ./()-]*\d){6}")
"""Seven digits and what may stand between those of a phone number."""
_MAY_BE_MIXED = re.compile(r"\d(?<=[^\W\d_]\d)")
_DIGITS = re.compile(
    r"(?P<number>\d(?<![^\W_]\d)"
    r"(?:\d{0,2}(?: \d{3}){1,4}(?![\d])(?!,\d{3})|\d*(?:[.,']\d+)*))"
    rf"(?P<suffix>[^\W_]*)(?P<scale>(?:[ -](?:{_SCALE})\b){{0,2}}){_UNIT}",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"(?<![^\W_])(?:an? )?"
    rf"(?P<words>(?:{_ITEM})(?:(?:[ -]| and (?:an? )?| an? )(?:{_ITEM})){{0,12}})"
    rf"(?![^\W_]){_UNIT}",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?<![^\W\d_])[^\W\d_]+\d[^\W_]*")
_GROUP = re.compile(r"\d+")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([ .,'])\d{3})(?:\1\d{3})*")


def read_numbers(text: str, words: Collection[str], found: list[Mention]) -> str:
    """Add what is found to the list; the text is given back with holes in its place.

    `words` are its runs of letters, in lower case, and may be more.
    """
    # the patterns are slow, and most texts have nothing for them
    if _DIGIT.search(text):
        if _MAY_BE_MIXED.search(text):
            text = cut_out(text, _MIXED, _mixed, found)
        if not _HALF_DAYS.isdisjoint(words):
            text = cut_out(text, _TIMES[0], _time, found)
        if (":" in text or "h" in words) and _MAY_BE_TIME.search(text):
            text = cut_out(text, _TIMES[1], _time, found)
        if _MAY_BE_PHONE.search(text):
            text = cut_out(text, _PHONE, _phone, found)
        text = cut_out(text, _DIGITS, _digits, found)
    if _ITEMS.isdisjoint(words):
        return text
    return cut_out(text, _WORDS, _words, found)


def count_of(digits: str) -> Mention:
    """Up to six digits that stand alone."""
    return Mention("number", ((f"n:{_canonical(digits)}",),))


def _mixed(part: re.Match[str]) -> Mention:
    token = part[0]
    half = re.fullmatch(r"h([12])", token, re.IGNORECASE)
    return Mention("date" if half else "number", ((f"n:{token.casefold()}",),))


def _time(part: re.Match[str]) -> Mention | None:
    groups = part.groupdict()
    half = (groups.get("half") or "").lower()[:1]
    hour, minute = int(part["h"]), int(part["m"] or 0)
    if half in {"a", "p"} and hour > 12:
        return None
    readings: list[tuple[str, ...]] = [(key,) for key in _time_keys(hour, minute, half)]
    if groups.get("h0"):
        first = int(groups["h0"])
        keys = (*_time_keys(first, int(groups["m0"] or 0), half), f"n:{first}")
        readings = [(start, *end) for start in keys for end in readings]
    return Mention("number", tuple(readings), () if minute else (f"n:{hour}",))


def _time_keys(hour: int, minute: int, half: str) -> list[str]:
    """In minutes of the day; without am or pm an hour before noon may be either."""
    if half == "a":
        hours = [hour % 12]
    elif half == "p":
        hours = [hour % 12 + 12]
    else:
        hours = [hour, hour + 12] if 0 < hour < 12 and not half else [hour]
    return [f"t:{each * 60 + minute}" for each in hours]


def _phone(part: re.Match[str]) -> Mention | None:
    """None if it looks like anything else: a plain number, two of them, a range."""
    token = part[0]
    groups = _GROUP.findall(token.replace("(0)", ""))
    digits = "".join(groups).lstrip("0")
    if not _SHORTEST_PHONE <= len(digits) <= MAX_EXACT:
        return None
    if token[0] not in "+(0":
        if all(_is_plain(piece) for piece in re.split(r"[-/]", token)):
            return None
        if len(groups) < 3 and not re.fullmatch(r"\d{3}[-.]\d{4}", token):
            return None
    international = token.startswith(("+", "(+", "00"))
    national = [digits[cut:].lstrip("0") for cut in (1, 2, 3)] if international else []
    grants = tuple(f"p:{number}" for number in national)
    return Mention("number", ((f"p:{digits}",),), (*grants, *_literal(token)))


def _is_plain(part: str) -> bool:
    return part.isdecimal() or _THOUSANDS.fullmatch(part) is not None


def _literal(token: str) -> tuple[str, ...]:
    return (f"n:{token}",) if token.isdecimal() else ()


def _digits(part: re.Match[str]) -> Mention:
    number, suffix, scale, of = part.group("number", "suffix", "scale", "of")
    return (_known_count if len(part[0]) <= _REMEMBERED else _count)(number, suffix, scale, of)


def _count(number: str, suffix: str, scale: str, of: str | None) -> Mention:
    suffix = suffix.casefold()
    scales = [each for each in re.split("[ -]", scale.casefold()) if each]
    literal = ((f"n:{number}{suffix}",),) if suffix else ()
    values = _values(number)
    if suffix in SCALES:
        scales.insert(0, suffix)
    elif suffix and suffix not in UNITS:
        return Mention("number", literal, tuple(f"n:{value}" for value in values))
    for each in scales:
        values = [_scaled(value, SCALES[each]) for value in values]
    phone = ((f"p:{values[0]}",),) if _SHORTEST_PHONE <= len(values[0]) <= MAX_EXACT else ()
    lasting = _lasting(values[0], of)
    readings = tuple((f"n:{value}",) for value in values)
    return Mention("number", (*readings, *literal, *phone, *lasting))


_known_count = lru_cache(maxsize=2_048)(_count)


def _values(number: str) -> list[str]:
    """What the digits may mean: `1.200` is a thousand and two hundred, or one and a fifth."""
    groups = re.split(r"[.,' ]", number)
    if len(groups) == 1:
        return [_canonical(number)]
    joined = _canonical("".join(groups))
    if _THOUSANDS.fullmatch(number):
        with_dot = number.count(".") == 1 and len(groups) == 2
        return [joined, _canonical(groups[0], groups[1])] if with_dot else [joined]
    separators = _GROUP.sub("", number)
    whole = number[: -len(groups[-1]) - 1]
    if separators[-1] in ".," and (len(groups) == 2 or _THOUSANDS.fullmatch(whole)):
        return [_canonical("".join(groups[:-1]), groups[-1])]
    return [number]


def _canonical(whole: str, fraction: str = "") -> str:
    rest = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def _scaled(value: str, scale: str) -> str:
    if len(value) > MAX_EXACT or not value.replace(".", "", 1).isdecimal():
        return f"{value}*{scale}"
    return _plain_decimal(Decimal(value) * Decimal(scale))


def _words(part: re.Match[str]) -> Mention | None:
    words = re.findall(r"[^\W\d_]+", part["words"].casefold())
    items = [word for word in words if word in NUMBER_WORDS or word in SCALES]
    if items == ["one"]:
        return None
    value = _sum(items)
    grants = tuple(word_key(word) for word in words)
    return Mention("number", ((f"n:{value}",), *_lasting(value, part["of"])), grants)


def _sum(items: list[str]) -> str:
    """`two`, `hundred`, `five`, `thousand` are 205,000."""
    total = current = Decimal(0)
    for item in items:
        if item in NUMBER_WORDS:
            current += Decimal(NUMBER_WORDS[item])
            continue
        scale = Decimal(SCALES[item])
        current = (current or 1) * scale
        if scale >= 1000:
            total, current = total + current, Decimal(0)
    return _plain_decimal(total + current)


def _lasting(value: str, unit: str | None) -> tuple[tuple[str, ...], ...]:
    """Two weeks are fourteen days."""
    if unit is None or not value.isdecimal() or len(value) > 4:
        return ()
    return ((f"in:{int(value) * HOURS_PER_UNIT[unit.lower()]}",),)


def _plain_decimal(value: Decimal) -> str:
    return format(value.normalize(), "f")
