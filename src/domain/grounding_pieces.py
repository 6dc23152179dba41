"""A plain text read piece by piece, with the mentions that it has as a whole.

Most words are in no date and in no number, and no pattern that finds something reaches over them:
each of them is one look-up. What stands between them is read by the patterns, which are slow; a
short piece of it, such as `31 March 2027.`, is remembered as well.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from domain.grounding_dates import read_dates
from domain.grounding_names import read_names
from domain.grounding_numbers import read_numbers
from domain.grounding_terms import MONTHS, NUMBER_WORDS, RELATIVE_DAYS, SCALES, WEEKDAYS
from domain.grounding_text import Mention, letter_runs, opens_sentence

_REMEMBERED = 32
"""Characters up to which a piece is so common that what it mentions is worth remembering."""
_PLAIN_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*[.,;:!?]?")
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


class _Word(NamedTuple):
    """`joins` if it may be part of more than itself."""

    joins: bool
    inside: Reading
    opening: Reading


def read_pieces(text: str) -> Sequence[Reading]:
    """A mention may be there more than once, and after one that it stands before."""
    readings: list[Reading] = []
    run: list[str] = []
    behind = ""
    for token in text.split(" "):
        word = (_known_word if len(token) <= _REMEMBERED else _word)(token)
        if word is None or word.joins:
            run.append(token)
            continue
        if run:
            behind = _read_run(run, behind, readings)
            run.clear()
        reading = word.inside if behind == _INSIDE else word.opening
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


def _word(token: str) -> _Word | None:
    """None if it is no word, or one that tells of a date or a number."""
    if not _PLAIN_WORD.fullmatch(token):
        return None
    letters = letter_runs(token)
    if not _TELLING.isdisjoint(letters):
        return None
    inside, opening = _piece(_INSIDE, token), _piece(_OPENING, token)
    return _Word(not _JOINING.isdisjoint(letters), inside, inside if inside == opening else opening)


_known_word = lru_cache(maxsize=8_192)(_word)


def _piece(behind: str, piece: str) -> Reading:
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
