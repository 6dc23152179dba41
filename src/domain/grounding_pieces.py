"""A plain text read piece by piece, with the mentions that it has as a whole.

Most words are in no date and in no number, and no pattern that finds something reaches over them:
each of them is one look-up. What stands between them is read by the patterns, which are slow; a
short piece of it, such as `31 March 2027.`, is remembered as well.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from domain.grounding_dates import read_dates
from domain.grounding_names import read_names
from domain.grounding_numbers import count_of, read_numbers
from domain.grounding_terms import MONTHS, NUMBER_WORDS, RELATIVE_DAYS, SCALES, WEEKDAYS
from domain.grounding_text import Mention, letter_runs, opens_sentence, word_key

_REMEMBERED = 32
"""Characters up to which a piece is so common that what it mentions is worth remembering."""
_PLAIN_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*[.,;:!?]?")
_COUNT = re.compile(r"([0-9]{1,6})(?:([.,;:!?])| (and|of|to|an?))?")
"""A number that nothing beside it makes another one of, and that is too short for a phone."""
_OPENS_NEXT = frozenset(".;:!?")
_SHORT_SCALES = frozenset({"k", "m", "mn", "bn", "mio", "tsd"})
_TELLING = frozenset(
    {*MONTHS, *WEEKDAYS, *NUMBER_WORDS, *SCALES} - _SHORT_SCALES
    | {words.split()[-1] for words in RELATIVE_DAYS}
)
"""There is one of them in whatever date or number has no digit."""
_JOINING = frozenset(
    _SHORT_SCALES
    | {words.split()[0] for words in RELATIVE_DAYS}
    | {"a", "an", "and", "to", "of", "de", "am", "pm", "uhr", "first", "second"}
    | {"business", "working", "calendar", "hour", "hours", "day", "days", "weeks"}
)
"""They may belong to a date or a number that stands beside them."""
_INSIDE, _OPENING = ", ", "; "
"""What a piece that stands in a sentence is read behind, and one that opens a sentence."""


class Reading(NamedTuple):
    """What is to be proven, the keys that it grants as data, and what the next is read behind."""

    mentions: tuple[Mention, ...]
    keys: tuple[str, ...]
    behind: str


_Word: TypeAlias = "tuple[Reading, Reading] | None"
"""What it says inside a sentence, and where it opens one; None if it may be part of more."""
_words: dict[str, _Word] = {}
_MOST_WORDS = 16_384


def read_pieces(text: str) -> Sequence[Reading]:
    """A mention may be there more than once, and after one that it stands before."""
    readings: list[Reading] = []
    run: list[str] = []
    behind = ""
    for token in text.split(" "):
        try:
            word = _words[token]
        except KeyError:
            word = _learned(token)
        if word is None:
            run.append(token)
            continue
        if run:
            behind = _read_run(run, behind, readings)
            run.clear()
        reading = word[0] if behind is _INSIDE else word[1]
        readings.append(reading)
        behind = reading.behind
    if run:
        _read_run(run, behind, readings)
    return readings


def _read_run(run: Sequence[str], behind: str, readings: list[Reading]) -> str:
    """Add what is read; what the next piece is read behind."""
    piece = " ".join(run)
    reading = (_known_piece if len(piece) <= _REMEMBERED else _piece)(behind, piece)
    readings.append(reading)
    return reading.behind


def _learned(token: str) -> _Word:
    word = _read_word(token)
    if len(token) <= _REMEMBERED:
        if len(_words) >= _MOST_WORDS:
            _words.clear()
        _words[token] = word
    return word


def _read_word(token: str) -> _Word:
    if not _PLAIN_WORD.fullmatch(token):
        return None
    letters = letter_runs(token)
    if not _TELLING.isdisjoint(letters) or not _JOINING.isdisjoint(letters):
        return None
    return _piece(_INSIDE, token), _piece(_OPENING, token)


def _piece(behind: str, piece: str) -> Reading:
    if (count := _COUNT.fullmatch(piece)) is not None:
        return _count(count)
    found: list[Mention] = []
    text = behind + piece
    words = letter_runs(text)
    rest = read_numbers(read_dates(text, words, found), words, found)
    read_names(rest, found)
    keys = {key for each in found for key in each.grants}
    keys.update(key for each in found for reading in each.readings for key in reading)
    follows = opens_sentence(f"{rest} ", len(rest) + 1)
    return Reading(
        tuple(dict.fromkeys(each for each in found if each.readings)),
        tuple(keys),
        _OPENING if follows else _INSIDE,
    )


_known_piece = lru_cache(maxsize=4_096)(_piece)


def _count(piece: re.Match[str]) -> Reading:
    """What all the patterns would make of it, behind whatever it stands."""
    digits, sign, word = piece.groups()
    mention = count_of(digits)
    keys = {key for reading in mention.readings for key in reading}
    if word:
        keys.add(word_key(word))
    return Reading((mention,), tuple(keys), _OPENING if sign in _OPENS_NEXT else _INSIDE)
