"""Names in a plain text: words with a capital, and words in letters that are not Latin."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from domain.grounding_lexicon import ACRONYMS, ANYWHERE, OPENERS
from domain.grounding_terms import CURRENCIES, FOREIGN_NUMBERS
from domain.grounding_text import Mention, opens_sentence, word_key

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WORD_OR_LETTERS = re.compile(rf"(?:\b[A-Za-z]\.){{2,8}}|{_WORD.pattern}")
_MAY_BE_LETTERS = re.compile(r"\.[A-Za-z]\.")
_ENDING = re.compile(r"(?:n't|'(?:s|ve|ll|re|d|m))$", re.IGNORECASE)
_REMEMBERED = 24
"""Characters up to which a word is so common that what it mentions is worth remembering."""
_SHOUTED = 4
"""Capitals from which on a word in capitals may be a common one."""


def read_names(text: str, found: list[Mention]) -> None:
    """Add what is found to the list, common words too, which data grants."""
    for sign, names in CURRENCIES.items():
        if sign in text:
            found.append(Mention("number", tuple((word_key(name),) for name in names)))
    word_of = _WORD_OR_LETTERS if _MAY_BE_LETTERS.search(text) else _WORD
    for part in word_of.finditer(text):
        word = part[0]
        read = _known_word if len(word) <= _REMEMBERED else _read
        inside, opening = read(word)
        if inside is not opening and opens_sentence(text, part.start()):
            inside = opening
        found += inside


def _read(word: str) -> tuple[Sequence[Mention], Sequence[Mention]]:
    """What it mentions inside a sentence, and where it opens one."""
    if not word.isascii():
        inside: Sequence[Mention] = _foreign(word)
    elif word.islower():
        inside = (Mention("name", (), _grants(word)),)
    else:
        inside = (_capitalised(word, opens=False),)
        opening = (_capitalised(word, opens=True),)
        if opening != inside:
            return inside, opening
    return inside, inside


_known_word = lru_cache(maxsize=8_192)(_read)


def _capitalised(word: str, *, opens: bool) -> Mention:
    bare = _ENDING.sub("", word)
    keys = [word_key(bare), word_key(word)]
    if len(bare) == 1 or _is_common(bare, opens):
        return Mention("name", (), _grants(word))
    if bare.endswith("s") and bare[:-1].isupper():
        keys.append(word_key(bare[:-1]))
    return Mention("name", tuple((key,) for key in dict.fromkeys(keys)), _grants(word))


def _is_common(word: str, opens: bool) -> bool:
    """`IT` and `US` are no pronouns, but who shouts `URGENT` or `CALL` names nobody."""
    key = word.casefold()
    if word.isupper() and len(word) < _SHOUTED:
        return key in ACRONYMS
    if not (word.isupper() or word[1:].islower()):
        return False
    return key in ANYWHERE or (opens and key in OPENERS)


def _grants(word: str) -> tuple[str, ...]:
    keys: tuple[str, ...] = (word_key(word),)
    if "'" in word:
        keys = (*keys, *map(word_key, word.split("'")), word_key(_ENDING.sub("", word)))
    number = FOREIGN_NUMBERS.get(word.casefold())
    return (*keys, f"n:{number}") if number else keys


def _foreign(word: str) -> list[Mention]:
    """Letters without case are looked for as they stand, as many such scripts know no blanks."""
    parts = ["".join(part) for _, part in groupby(word, key=_is_caseless)]
    return [_foreign_part(part) for part in parts if part.strip("'")]


def _foreign_part(part: str) -> Mention:
    if _is_caseless(part[0]):
        return Mention("script", ((f"s:{part}",),))
    bare = _ENDING.sub("", part)
    kind = "name" if bare.isascii() else "script"
    if kind == "name" and (bare.islower() or len(bare) == 1):
        return Mention(kind, (), _grants(part))
    return Mention(kind, ((word_key(bare),), (word_key(part),)), _grants(part))


def _is_caseless(character: str) -> bool:
    return unicodedata.category(character) in {"Lo", "Lm"}
