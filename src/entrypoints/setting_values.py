"""How the text of a setting becomes a value, and how a value is shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from domain.budget import Rate
from entrypoints.budget_values import shown_prices, shown_rate
from entrypoints.source_values import FieldPaths, NextPage, SecretHeaders


class InvalidSettings(Exception):
    """One line that says which setting is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that shows itself to nobody by accident."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "********"


def text(value: str) -> str:
    return value


def secret(value: str) -> Secret:
    return Secret(value)


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def one_of(*names: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in names:
            raise ValueError(f"one of: {', '.join(names)}")
        return value

    return parse


def yes_or_no(value: str) -> bool:
    return one_of("true", "false")(value.lower()) == "true"


def duration(value: str) -> timedelta:
    length = duration_or_zero(value)
    if not length:
        raise ValueError("a duration such as 30 s, 500 ms or 2 m")
    return length


def duration_or_zero(value: str) -> timedelta:
    units = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)", value.strip())
    if match is None:
        raise ValueError("a duration such as 30 s, 500 ms or 2 m")
    return timedelta(seconds=float(match[1]) * units[match[2]])


def cron(value: str) -> str:
    from croniter import croniter  # noqa: PLC0415 - only who schedules by his own times needs it

    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError("a cron expression of five fields, such as 0 * * * *")
    return value


def names(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if not names or len(set(names)) < len(names):
        raise ValueError("one name, or several different ones with commas")
    return names


def url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        try:
            known = urlsplit(value).scheme in schemes and "://" in value
            _ = urlsplit(value).port
        except ValueError:
            known = False
        if not known:
            raise ValueError(f"a URL that starts with {' or '.join(s + '://' for s in schemes)}")
        return value

    return parse


_SHOWN: Sequence[tuple[type, Callable[[Any], str]]] = (
    (bool, lambda value: str(value).lower()),
    (timedelta, lambda value: f"{value.total_seconds():g} s"),
    (SecretHeaders, repr),
    (FieldPaths, repr),
    (NextPage, repr),
    (tuple, ",".join),
    (Rate, shown_rate),
    (Mapping, shown_prices),
)


def masked(value: object) -> str:
    """As it may be shown: no secret, and no password inside a URL."""
    if value is None:
        return "-"
    for kind, show in _SHOWN:
        if isinstance(value, kind):
            return show(value)
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1********@", str(value))
