"""What language models must answer, as one schema for all of them, and the strict reading of it."""

from typing import Annotated, Any

import msgspec

from adapters.summarizers._text import is_blank, one_line
from domain.errors import FailureType, SummarizerFailed
from domain.summary import Insight

MAX_SUMMARY = 1_000
MAX_NEXT_ACTION = 300
_MAX_MODEL = 100
_MAX_TOKENS = 2**31 - 1


# lengths are told in words and checked below: not every provider takes `maxLength`
class InsightShape(msgspec.Struct, forbid_unknown_fields=True):
    """What a salesperson should know of one lead, and do next."""

    summary: Annotated[
        str,
        msgspec.Meta(description=f"Who the lead is; at most {MAX_SUMMARY} characters."),
    ]
    next_action: Annotated[
        str,
        msgspec.Meta(description=f"One sentence; at most {MAX_NEXT_ACTION} characters."),
    ]


def insight_schema() -> dict[str, Any]:
    """The JSON schema, with an object at its root as strict providers demand."""
    _, components = msgspec.json.schema_components([InsightShape])
    schema: dict[str, Any] = components[InsightShape.__name__]
    return schema


def read_insight(text: str | None) -> Insight:
    """The insight in a model's answer; SummarizerFailed (schema) if it is anything else."""
    if not text or text.isspace():
        raise _unusable("the answer is empty")
    try:
        shape = msgspec.json.decode(text, type=InsightShape)
    except (ValueError, RecursionError):
        raise _unusable("the answer is not the JSON that was asked for") from None
    return Insight(
        summary=_checked("summary", shape.summary, MAX_SUMMARY),
        next_action=_checked("next_action", shape.next_action, MAX_NEXT_ACTION),
    )


def model_name(answered: str | None, configured: str) -> str:
    """The model that answered, as far as the provider says so."""
    return one_line(answered or "")[:_MAX_MODEL] or configured


def token_count(*counts: int | None) -> int | None:
    """Their sum; None where the provider gave none, or none that can be."""
    given = [count for count in counts if count is not None]
    plausible = given and min(given) >= 0 and sum(given) <= _MAX_TOKENS
    return sum(given) if plausible else None


def _checked(field: str, raw: str, limit: int) -> str:
    text = one_line(raw)
    if is_blank(text):
        raise _unusable(f"{field} is blank")
    if len(text) > limit:
        raise _unusable(f"{field} is longer than {limit} characters")
    return text


def _unusable(detail: str) -> SummarizerFailed:
    return SummarizerFailed(FailureType.SCHEMA, detail)
