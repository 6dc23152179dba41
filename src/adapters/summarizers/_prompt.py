"""What language models are told and asked, and what that can cost; the words stand in files."""

from functools import cache
from importlib.resources import files

import msgspec

from adapters.summarizers._insight import insight_schema
from domain.insight import Usage
from domain.summary_input import SummaryInput

VERSION = "v2"
MAX_OUTPUT_TOKENS = 4_096
"""Of one answer, with what its model thinks before; the longest insights have half of it."""


@cache
def instruction() -> str:
    """The system instruction of this version."""
    return files("adapters.summarizers").joinpath(f"prompts/{VERSION}.txt").read_text("utf-8")


def question(known: SummaryInput) -> str:
    """What is known as JSON, between delimiters that nothing known can write."""
    return "<lead>\n" + known.canonical.replace("<", "\\u003c") + "\n</lead>"


def worst_case_of(known: SummaryInput) -> Usage:
    """No token is shorter than a byte; those that frame a message are fewer than the schema's."""
    sent = instruction() + question(known)
    size = len(sent.encode()) + len(msgspec.json.encode(insight_schema()))
    return Usage(input_tokens=size, output_tokens=MAX_OUTPUT_TOKENS)
