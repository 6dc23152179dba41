"""Make text that strangers or machines wrote fit to be shown: one line, bounded, no links."""

import re

from domain.plain_text import LINK

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, direction overrides and halves of characters."""

_EMPTIED = re.compile(r"\(\s*\)|\[\s*\]")


def one_line(text: str) -> str:
    """The text without control characters and with single spaces."""
    return " ".join(_UNSHOWN.sub("", " ".join(text.split())).split())


def without_links(text: str) -> str:
    """The text without web and mail links or markup, and without the brackets they leave.

    Line breaks stand in their place, so that two numbers beside one do not become one date.
    """
    return _EMPTIED.sub("", LINK.sub("\n", text))


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, ending in an ellipsis where something was left out."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    words, space, _ = cut.rpartition(" ")
    return (words if space and len(words) > limit // 2 else cut).rstrip() + "…"


def is_blank(text: str) -> bool:
    return not any(character.isprintable() and character != " " for character in text)
