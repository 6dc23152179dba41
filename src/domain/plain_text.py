"""Whether a text is nothing but words: no link, no markup, no formula, however it is spelled."""

import re

from domain.folding import Folded

# every repetition is bounded, so that no text takes more than linear time
LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,15}://[!-~]*"
    r"|\bwww\.[!-~]*"
    r"|\b(?:mailto|tel|data|javascript|vbscript):[!-~]+"
    r"|\b(?:[\w-]{1,63}\.){1,8}(?!js/)[a-z]{2,24}/[!-~]*"
    r"|</?[a-z][^<>]{0,500}>",
    re.IGNORECASE,
)
"""A web or mail link or a tag, as they are usually written."""
_MARKUP = re.compile(r"\]\(|\]\[|<[a-z/!?]|(?<![\w:/])//\w|\\\\\w|^\s{0,9}(?:=|[+@-][a-z]{1,20}\()")
"""Links of Markdown, tags without an end, paths of machines, formulas of spreadsheets."""


def is_plain(text: str) -> bool:
    """Invisible letters, wide ones and accents hide nothing."""
    shown = Folded.of(text).text
    return LINK.search(shown) is None and _MARKUP.search(shown) is None
