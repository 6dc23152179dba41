"""What is wrong with a JSON text, told before anything builds on it."""

import json
import re
from collections.abc import Iterator
from itertools import islice

MAX_DEPTH = 32
MAX_TOLD = 20
"""How many doubled keys are named."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


class NotJson(Exception):
    """The parser's word, and where."""


def is_too_deep(text: bytes) -> bool:
    """Whether brackets outside of strings are nested deeper than `MAX_DEPTH`."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", text).translate(_ONE_KIND, _NO_BRACKET)
    # each round takes away the innermost level, at the speed of C
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH


def doubled_keys(text: str) -> list[str]:
    """JSON pointers of keys that stand twice in one object, at most `MAX_TOLD` of them.

    NotJson if it is none; the text must not be too deep.
    """
    try:
        _parsed(_SCANNER, text)
    except _Doubled:
        pointers = islice(_doubled(_parsed(_PAIRS, text), ""), MAX_TOLD)
        # a key may hold half a character, which no answer can
        return [pointer.encode(errors="replace").decode() for pointer in pointers]
    return []


def escaped(name: str) -> str:
    """A member's name as one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class _Doubled(Exception):
    pass


class _Members(tuple[tuple[str, object], ...]):
    """An object with all of its members, the doubled ones too."""

    __slots__ = ()


def _refuse_doubled(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _Doubled


def _refuse_constant(name: str) -> None:
    raise NotJson(f"{name} is no number of JSON")


# float takes any number of digits, which int does not
_SCANNER = json.JSONDecoder(
    object_pairs_hook=_refuse_doubled, parse_int=float, parse_constant=_refuse_constant
)
_PAIRS = json.JSONDecoder(object_pairs_hook=_Members, parse_int=float)


def _parsed(decoder: json.JSONDecoder, text: str) -> object:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        raise NotJson(f"{what} at line {error.lineno}, column {error.colno}") from None


def _doubled(value: object, where: str) -> Iterator[str]:
    if isinstance(value, _Members):
        seen: dict[str, bool] = {}
        for name, member in value:
            here = f"{where}/{escaped(name)}"
            if seen.get(name) is False:
                yield here
            seen[name] = name in seen
            yield from _doubled(member, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _doubled(item, f"{where}/{index}")
