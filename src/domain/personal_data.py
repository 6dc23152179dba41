"""Where a text tells a lead's name, or anybody's e-mail address or phone number."""

import re
from collections.abc import Iterator
from enum import StrEnum

from domain.folding import Find, Folded


class Personal(StrEnum):
    """The kinds of what is found; `text` is what only looks like a token for one of them."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"


MIN_PHONE = 7
"""From how many digits on a number may be a phone's."""
_MIN_OWN_PHONE = 4

# all patterns meet folded text; every repetition is bounded or gives nothing back, so that no
# text takes more than linear time
TOKEN = r"\[\s*+(?:{kinds})[\s_\\-]*+[0-9]++\s*+\]|(?:{kinds})\\?_[0-9]++".format(
    kinds="|".join(Personal)
)
"""A token as models spell it: `[NAME_1]`, `[name 1]`, `NAME_1`."""
_LOCAL = r"\w.'+%&~-"
_ADDRESS = rf"['.&~%-]*+(?P<email>[{_LOCAL}]++@[\w-]++(?:\.[\w-]+)*)"
_EMAIL = rf"(?<![{_LOCAL}]){_ADDRESS}"
_EMAIL_BEHIND_ANOTHER = re.compile(_ADDRESS)
_GAP = r"(?:[^\S\n\r]|[./()-]){0,3}+"
# no possessive group: Python 3.11.2 takes what its last round began to match, too
_NUMBER = rf"[+]?[(]?\d(?:{_GAP}\d)*"
_YEAR = r"(?:19|20)\d\d"
_DATE = rf"(?:{_YEAR}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]{_YEAR}|{_YEAR} ?[-/] ?{_YEAR})(?!\d)"
_MONEY = "$€£¥₹"
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between words, or write endings right behind a name."""
_COMMON = {
    "al", "am", "an", "art", "as", "august", "bill", "bin", "bob", "da", "de", "del", "den",
    "der", "di", "do", "dr", "el", "grace", "grant", "hope", "in", "is", "joy", "june", "king",
    "la", "le", "lee", "long", "mark", "may", "mr", "mrs", "ms", "of", "or", "pat", "prof", "ray",
    "rich", "rose", "see", "sir", "so", "sue", "to", "van", "von", "was", "will", "young",
}  # fmt: skip
"""Parts of names that are words, too: they are names only where they are written as such."""


class PersonalData:
    """One lead's own data, and what has the form of an address or a phone number."""

    def __init__(self, name: str, email: str, phone: str) -> None:
        own_email, own_phone = Folded.of(email).text, Folded.of(phone).text
        digits = _digits(own_phone)
        self._own_digits = digits if len(digits) >= _MIN_OWN_PHONE else ""
        self._addresses = _any(
            _EMAIL, rf"(?P<own_email>{re.escape(own_email)})(?!\w)" if email else ""
        )
        own_number = rf"{re.escape(own_phone)}|[+]?[(]?{_GAP.join(digits)}"
        self._others = _any(
            rf"(?P<text>{TOKEN})",
            _names(Folded.of(name).text),
            rf"(?P<own_phone>(?:{own_number})(?!\d))" if self._own_digits else "",
            rf"(?P<date>{_DATE})",
            rf"(?P<phone>{_NUMBER})",
        )

    def finds(self, folded: Folded) -> Iterator[Find]:
        """Each find by its kind (Personal), in the order in which they stand."""
        done = 0
        # an address may begin in what would be a number or a name
        for address in self._addresses_in(folded.text):
            start, end = address.span(address.lastgroup or 0)
            yield from self._between(folded, done, start)
            yield Personal.EMAIL, start, end
            done = end
        yield from self._between(folded, done, len(folded.text))

    def _addresses_in(self, text: str) -> Iterator[re.Match[str]]:
        found = self._addresses.search(text)
        while found is not None:
            yield found
            end = found.end()
            found = _EMAIL_BEHIND_ANOTHER.match(text, end) or self._addresses.search(text, end)

    def _between(self, folded: Folded, start: int, end: int) -> Iterator[Find]:
        for found in self._others.finditer(folded.text, start, end):
            match found.lastgroup:
                case "name" if not _is_word(folded.original(*found.span())):
                    yield Personal.NAME, *found.span()
                case "text":
                    yield Personal.TEXT, *found.span()
                case "own_phone":
                    yield Personal.PHONE, *found.span()
                case "phone" if self._is_phone(found):
                    yield Personal.PHONE, *found.span()

    def _is_phone(self, found: re.Match[str]) -> bool:
        digits = _digits(found["phone"])
        if self._own_digits and self._own_digits in digits:
            return True
        before = found.string[max(found.start() - 1, 0) : found.start()]
        is_money = before != "" and before in _MONEY
        return len(digits) >= MIN_PHONE and not is_money


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(filter(None, patterns)))


def _is_word(original: str) -> bool:
    return original in _COMMON


def _digits(text: str) -> str:
    """In whatever script they were written."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def _names(name: str) -> str:
    """A pattern of the folded name and its parts; one that matches nothing where there are none."""
    chunks = name.split()
    words = re.findall(r"[^\W\d_]+", name)
    parts = {*words, *(re.sub(r"^\W+|\W+$", "", chunk) for chunk in chunks), "".join(words)}
    known = {part: re.escape(part) for part in parts}
    known[name] = r"\s+".join(map(re.escape, chunks))
    named = sorted((part for part in known if _letters(part) >= 2), key=len, reverse=True)
    return rf"(?P<name>{'|'.join(_whole(part, known[part]) for part in named) or '(?!)'})"


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _whole(part: str, pattern: str) -> str:
    return pattern if _UNSPACED.search(part) else rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
