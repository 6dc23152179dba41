"""What data grants to whoever repeats it: read once, and only as far as somebody asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from domain.grounding_links import read_links
from domain.grounding_pieces import read_pieces
from domain.grounding_terms import ABBREVIATIONS
from domain.grounding_text import Mention, plain, visible, word_key

_SHORT = 64
"""Characters up to which a text is likely to come again, as that of another lead."""
_OTHER_FORMS = [
    (word_key(short), frozenset(map(word_key, words.split())))
    for short, words in ABBREVIATIONS.items()
]
_IN_FORMS = frozenset().union(*({short, *words} for short, words in _OTHER_FORMS))
_SELDOM_TOLD = frozenset({"email", "phone"})
"""No two leads share them, so that they have to be read each time; few answers repeat them."""


class _Text(NamedTuple):
    """The keys that a text grants, and its plain form for what is looked for letter by letter."""

    keys: Set[str]
    plain: str


class Evidence:
    """Texts that prove something together.

    They are read one by one, until what is asked for is proven: more texts take nothing back.
    """

    __slots__ = ("_keys", "_read", "_unread")

    def __init__(self, texts: Iterable[_Text]) -> None:
        self._unread: Iterator[_Text] = iter(texts)
        self._read: list[_Text] = []
        self._keys: set[str] = set()

    def proves(self, mention: Mention, also: Set[str] = frozenset()) -> bool:
        """With the keys of these texts, and with those that are granted beside them."""
        while not self._has_shown(mention, also):
            if not self._reads_on():
                return False
        return True

    def _has_shown(self, mention: Mention, also: Set[str]) -> bool:
        for reading in mention.readings:
            for key in reading:
                if not (key in self._keys or key in also or self._has_otherwise(key)):
                    break
            else:
                return True
        return False

    def _has_otherwise(self, key: str) -> bool:
        if key.startswith("s:"):
            return any(key[2:] in text.plain for text in self._read)
        # of what is told only: another form of another form is not the same any more
        return key in _IN_FORMS and key in _other_forms(self._keys)

    def _reads_on(self) -> bool:
        text = next(self._unread, None)
        if text is None:
            return False
        self._read.append(text)
        self._keys |= text.keys
        return True


class KnownTexts:
    """What is known of a lead, by its names; each text is read when it is first asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._known: dict[str, _Text] = {}

    def hold(self, names: Iterable[str]) -> bool:
        return self._texts.keys() >= {*names}

    def among(self, names: Sequence[str]) -> Evidence:
        return Evidence(map(self._text, names))

    def all(self) -> Evidence:
        often = [name for name in self._texts if name not in _SELDOM_TOLD]
        return self.among([*often, *(_SELDOM_TOLD & self._texts.keys())])

    def _text(self, name: str) -> _Text:
        known = self._known.get(name)
        if known is None:
            text = self._texts[name]
            known = self._known[name] = (_short_text if len(text) <= _SHORT else _read)(text)
        return known


def _read(text: str) -> _Text:
    """Also as it is on one line, where whoever repeats it puts it."""
    shown = visible(text)
    keys = _granted(shown)
    on_one_line = " ".join(text.split())
    if on_one_line != text:
        keys |= _granted(visible(on_one_line))
    return _Text(keys, plain(shown))


def _granted(shown: str) -> set[str]:
    """The keys that a visible text grants as data."""
    found: list[Mention] = []
    pieces = read_pieces(plain(read_links(shown, found)))
    keys = set[str]().union(*[piece.keys for piece in pieces])
    for each in found:
        keys.update(each.grants, *each.readings)
    return keys


_short_text = lru_cache(maxsize=1_024)(_read)


def _other_forms(keys: Set[str]) -> Set[str]:
    """`VP` and `Vice President` are the same."""
    forms: set[str] = set()
    for short, words in _OTHER_FORMS:
        if short in keys:
            forms |= words
        elif words <= keys:
            forms.add(short)
    return forms
