"""Texts that a spreadsheet would run as formulas, and the apostrophe that stops it."""

import re

# the full-width forms are operators to some spreadsheets, too
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_DEFUSED = re.compile(f"'{_FORMULA.pattern}")


def defused(text: str) -> str:
    """The text, after an apostrophe if a spreadsheet would take it for a formula.

    One that begins with apostrophes and then like a formula gets one more, so that
    `as_it_was` gives back every text as it was.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(text: str) -> str:
    """What `defused` made the text of: without the apostrophe before what looks like a formula."""
    return text[1:] if _DEFUSED.match(text) else text
