"""What the checks of a text share: its visible form, its plain form, and what it mentions."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

HOLE = " § "
"""Stands where something was read, so that no later reading sees it again."""

_FILLERS = frozenset("\u115f\u1160\u2800\u3164")
_BOXED = (0x1F150, 0x1F170, 0x1F1E6)
"""Where alphabets of capitals begin that are symbols to Unicode; the last one makes flags."""
_SIGNS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "′": "'", "‐": "-", "–": "-", "−": "-",
                        "⁄": "/"})  # fmt: skip
_LETTERS = str.maketrans({
    "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d",
    "Ð": "D", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "ı": "i",
})  # fmt: skip
_OPENING = re.compile(r"""(?:^|[.!?:;…。\n“‘"(\[•*—]|(?:^|\s)-|\s')[\s"'“”‘)(\]\[•*-]{0,6}$""")
_LATIN = re.compile(r"[\x00-\x7f£€§À-ÖØ-öø-ıĴ-ľŁ-ňŊ-ž]*")
"""What NFKC and NFC leave as it is, and nothing that cannot be seen: most European texts."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTER_RUN = re.compile(r"[^\W\d_]+")
_BLANKS = {code: " " for code in range(128) if not chr(code).isalpha()}
_DOTLESS = str.maketrans("ıİ", "ii")
_LOOK_BACK = 8
_LONGEST = 4
"""Characters that one may become; some Arabic ligatures would become eighteen."""


class Mention(NamedTuple):
    """Something that a text names.

    It is proven by data that grants every key of one of its readings; without readings there is
    nothing to prove. Data grants the keys of all readings of its own mentions, and `grants`.
    """

    kind: str
    readings: tuple[tuple[str, ...], ...]
    grants: tuple[str, ...] = ()


def visible(text: str) -> str:
    """NFKC, plain digits, quotes and dashes, and nothing that cannot be seen."""
    if text.isascii() or _LATIN.fullmatch(text):
        return text
    return unicodedata.normalize("NFC", "".join(map(_visible, text))).translate(_SIGNS)


def plain(text: str) -> str:
    """A visible text without accents: what is not ASCII then is no Latin letter."""
    if text.isascii():
        return text
    if _LATIN.fullmatch(text):
        return _NOT_ASCII.sub(_plain_letter, text)
    return _without_marks(text)


def word_key(word: str) -> str:
    """The same for every case of a plain word, and for `Müller` as for `Mueller`."""
    key = word.casefold().replace("'", "").replace(".", "")
    return "w:" + key.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def cut_out(
    text: str,
    pattern: re.Pattern[str],
    read: Callable[[re.Match[str]], Mention | None],
    found: list[Mention],
) -> str:
    """Add what is read to the list, and give the text back with holes where it stood."""

    def hole(part: re.Match[str]) -> str:
        mention = read(part)
        if mention is None:
            return part[0]
        found.append(mention)
        return HOLE

    return pattern.sub(hole, text)


def lowered(text: str) -> str:
    """Lower case as patterns that ignore case see it: to them, all sorts of i are one."""
    if "ı" in text or "İ" in text:
        text = text.translate(_DOTLESS)
    return text.lower()


def letter_runs(text: str) -> set[str]:
    """Lower case; what is in none of them need not be looked for at greater cost."""
    lower = lowered(text)
    if lower.isascii():
        return set(lower.translate(_BLANKS).split())
    return set(_LETTER_RUN.findall(lower))


def opens_sentence(text: str, position: int) -> bool:
    """Whether what stands there follows a full stop, a colon, a bullet, a quotation mark…"""
    return _OPENING.search(text[max(0, position - _LOOK_BACK) : position]) is not None


@lru_cache(maxsize=4096)
def _visible(character: str) -> str:
    if unicodedata.category(character) == "Cf" or character in _FILLERS:
        return ""
    for first in _BOXED:
        if 0 <= ord(character) - first < 26:
            return chr(ord("A") + ord(character) - first)
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    shown = unicodedata.normalize("NFKC", character)
    return shown if len(shown) <= _LONGEST else character


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(map(_unmarked, decomposed)).translate(_LETTERS)


@lru_cache(maxsize=4096)
def _unmarked(character: str) -> str:
    return "" if unicodedata.category(character)[0] == "M" else character


def _plain_letter(letter: re.Match[str]) -> str:
    return _PLAIN_LATIN.get(letter[0], letter[0])


_PLAIN_LATIN = {chr(code): _without_marks(chr(code)) for code in range(0xC0, 0x180)}
