"""E-mail addresses, links and handles in a visible text, however they are spelled."""

import re

from domain.grounding_terms import MONTHS
from domain.grounding_text import Mention, cut_out, lowered, plain, word_key

_BRACKETED = (
    (re.compile(r"\s{0,2}[\[({<]\s{0,2}(?:at|@)\s{0,2}[\])}>]\s{0,2}", re.IGNORECASE), "@"),
    (re.compile(r"\s{0,2}[\[({<]\s{0,2}(?:dot|\.)\s{0,2}[\])}>]\s{0,2}", re.IGNORECASE), "."),
)
_SPOKEN_ADDRESS = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64})(?: at |@)((?:[\w-]{1,63} dot ){1,4}[a-z]{2,24})\b", re.IGNORECASE
)
_SPOKEN_DOT = re.compile(
    r"(?<=\w)(?: dot | \. ?|\. )(?=(?:com|net|org|io|ru|biz|xyz)\b)"
    r"|(?<=[A-Za-z0-9])。(?=[A-Za-z]{2})"
)
_SPACED_AT = re.compile(r"(?<=\w) {0,2}@ {0,2}(?=[\w-]{1,63}\.\w)")

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@((?:[\w-]{1,63}\.){0,8}[\w-]{1,63})")
_HANDLE = re.compile(r"@([\w.]{2,40})")
_LINK = re.compile(
    r"""(?:[a-z]{2,11}:/{2}|www\.|javascript:)[^\s<>"']+"""
    r"""|(?<!\w)(?:[\w-]{1,255}\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?!\w)"""
    r"""(?::\d{1,5})?(?:[/?#][^\s<>"']*)?""",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^[a-z]{2,11}:/{2}", re.IGNORECASE)
_AFTER_HOST = re.compile(r"[/:?#]")
_MAY_BE_DOT = re.compile(r"\. ?(?:com|net|org|io|ru|biz|xyz)\b")
_MAY_BE_LINK = re.compile(r"\.\S")
_LETTERS = re.compile(r"[^\W\d_]+")


def read_links(text: str, found: list[Mention]) -> str:
    """Add what is found to the list; the text is given back with holes in its place."""
    lower = lowered(text)
    text = _spelled_out(text, lower)
    if "@" in text:
        text = cut_out(text, _EMAIL, _email, found)
        text = cut_out(text, _HANDLE, _handle, found)
    # the patterns are slow, and most texts have nothing for them
    if _MAY_BE_LINK.search(text) or ":/" in text or "javascript:" in lower:
        text = cut_out(text, _LINK, _link, found)
    return text


def _spelled_out(text: str, lower: str) -> str:
    """With `ada [at] example dot com` as `ada@example.com`."""
    if "(" in text or "[" in text or "{" in text or "<" in text:
        for pattern, sign in _BRACKETED:
            text = pattern.sub(sign, text)
    if " dot " in lower:
        text = _SPOKEN_ADDRESS.sub(lambda found: f"{found[1]}@{_dotted(found[2])}", text)
    if ("." in lower and _MAY_BE_DOT.search(lower)) or " dot " in lower or "。" in lower:
        text = _SPOKEN_DOT.sub(".", text)
    return _SPACED_AT.sub("@", text) if "@" in text else text


def _dotted(domain: str) -> str:
    return re.sub(" dot ", ".", domain, flags=re.IGNORECASE)


def _email(found: re.Match[str]) -> Mention:
    address = found[0].lower().lstrip("'`*{|/=&?!.#").rstrip("-")
    host = found[1].lower()
    return Mention("email", ((f"e:{address}",),), (*_hosts(host), *_words(address)))


def _handle(found: re.Match[str]) -> Mention:
    return Mention("name", ((word_key(plain(found[1].rstrip("."))),),), _words(found[1]))


def _link(found: re.Match[str]) -> Mention | None:
    before, _, last = found[0].rpartition(".")
    if before.isdecimal() and plain(last).casefold() in MONTHS:
        return None
    link = _SCHEME.sub("", found[0].lower()).rstrip("/.,;:!?)]}*")
    host = _AFTER_HOST.split(link, maxsplit=1)[0]
    return Mention("url", ((f"u:{link.removeprefix('www.')}",),), (*_hosts(host), *_words(link)))


def _hosts(host: str) -> tuple[str, ...]:
    return (f"u:{host.removeprefix('www.')}",)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word_key(word) for word in _LETTERS.findall(plain(text)))
