"""What language models are told and asked; the words stand in versioned files."""

from functools import cache
from importlib.resources import files

import msgspec

from domain.summary import SummaryInput

VERSION = "v1"


@cache
def instruction() -> str:
    """The system instruction of this version."""
    return files("adapters.summarizers").joinpath(f"prompts/{VERSION}.txt").read_text("utf-8")


def question(known: SummaryInput) -> str:
    """The lead's facts as JSON between delimiters that no fact can write."""
    facts = msgspec.json.encode(known.facts).replace(b"<", rb"\u003c")
    return f"<lead>\n{facts.decode()}\n</lead>"
