"""What language models must answer, as one schema for all of them, and the strict reading of it."""

import re
from typing import Annotated, Any

import msgspec

from adapters.summarizers._leak import repeats
from adapters.summarizers._text import is_blank, one_line
from domain.errors import FailureType, SummarizerFailed
from domain.insight import (
    MAX_CLAIM,
    MAX_CLAIMS,
    MAX_DUE_IN_DAYS,
    MAX_EVIDENCE,
    MAX_NEXT_ACTION,
    MAX_REASON,
    MAX_SUMMARY,
    Channel,
    Claim,
    Insight,
    NextActionType,
    Priority,
    Usage,
)
from domain.plain_text import is_plain

_MAX_EVIDENCE_ID = 64
_MAX_MODEL = 100
_MAX_TOKENS = 2**31 - 1
_SENTENCE_BREAK = re.compile(r"(\w{0,9})[.!?。！？]+[\"'”’)]*\s+(?=[^\W\d_a-z])")
_ABBREVIATIONS = {
    "bros", "co", "corp", "dr", "inc", "jr", "ltd", "mr", "mrs", "ms", "no", "prof", "sr", "st",
    "vs",
}  # fmt: skip


def _told(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


# bounds are told in words and checked below: not every provider takes `maxLength` and its like
class ClaimShape(msgspec.Struct, forbid_unknown_fields=True):
    """One statement about the lead and what it rests on."""

    text: Annotated[str, _told(f"At most {MAX_CLAIM} characters.")]
    evidence: Annotated[
        list[str],
        _told(f"Names of facts, ids of activities or `history`; 1 to {MAX_EVIDENCE} of them."),
    ]


class InsightShape(msgspec.Struct, forbid_unknown_fields=True):
    """What a salesperson should know of one lead, and do next."""

    summary: Annotated[str, _told(f"Who the lead is; at most {MAX_SUMMARY} characters.")]
    next_action: Annotated[str, _told(f"One sentence; at most {MAX_NEXT_ACTION} characters.")]
    next_action_type: NextActionType
    channel: Channel
    priority: Priority
    due_in_days: Annotated[
        int | None, _told(f"0 to {MAX_DUE_IN_DAYS}; null where nothing is to be done.")
    ]
    reason: Annotated[str, _told(f"Why; at most {MAX_REASON} characters.")]
    claims: Annotated[list[ClaimShape], _told(f"1 to {MAX_CLAIMS} of them.")]


def insight_schema() -> dict[str, Any]:
    """The JSON schema: an object at its root, as strict providers demand, and no references."""
    _, components = msgspec.json.schema_components([InsightShape], ref_template="{name}")
    schema: dict[str, Any] = _resolved(components[InsightShape.__name__], components)
    return schema


def read_insight(text: str | None, usage: Usage, told: str) -> Insight:
    """The insight in a model's answer; SummarizerFailed (schema) if it is anything else.

    `usage` is what the answer has cost, whether it is one or not; `told` is what the model was
    instructed, and may not tell.
    """
    try:
        return _silent_on(told, _insight_in(text))
    except ValueError as error:
        raise SummarizerFailed(FailureType.SCHEMA, str(error), usage=usage) from None


def model_name(answered: str | None, configured: str) -> str:
    """The model that answered, as far as the provider says so."""
    return one_line(answered or "")[:_MAX_MODEL] or configured


def token_count(*counts: int | None) -> int | None:
    """Their sum; None where the provider gave none, or none that can be."""
    given = [count for count in counts if count is not None]
    plausible = given and min(given) >= 0 and sum(given) <= _MAX_TOKENS
    return sum(given) if plausible else None


def _resolved(schema: Any, components: dict[str, Any]) -> Any:
    """Without references and titles, and with a type everywhere, as strict providers demand."""
    if isinstance(schema, list):
        return [_resolved(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: value for key, value in schema.items() if key not in {"$ref", "title"}}
    whole = {**components.get(schema.get("$ref", ""), {}), **own}
    whole.pop("title", None)
    typed = {"type": "string", **whole} if "enum" in whole else whole
    return {key: _resolved(value, components) for key, value in typed.items()}


def _insight_in(text: str | None) -> Insight:
    """ValueError with what is wrong, without a word of the answer."""
    if not text or text.isspace():
        raise ValueError("the answer is empty")
    try:
        shape = msgspec.json.decode(text, type=InsightShape)
    except (ValueError, RecursionError):
        raise ValueError("the answer is not the JSON that was asked for") from None
    if not 0 <= (shape.due_in_days or 0) <= MAX_DUE_IN_DAYS:
        raise ValueError(f"due_in_days is not within 0 to {MAX_DUE_IN_DAYS}")
    if not 1 <= len(shape.claims) <= MAX_CLAIMS:
        raise ValueError(f"there are not 1 to {MAX_CLAIMS} claims")
    return Insight(
        summary=_checked("summary", shape.summary, MAX_SUMMARY),
        next_action=_sentence("next_action", shape.next_action, MAX_NEXT_ACTION),
        next_action_type=shape.next_action_type,
        channel=shape.channel,
        priority=shape.priority,
        due_in_days=shape.due_in_days,
        reason=_checked("reason", shape.reason, MAX_REASON),
        claims=tuple(_claim(claim) for claim in shape.claims),
    )


def _silent_on(told: str, insight: Insight) -> Insight:
    texts = (insight.summary, insight.next_action, insight.reason)
    if repeats(" ".join((*texts, *(claim.text for claim in insight.claims))), told):
        raise ValueError("the answer repeats the instruction")
    return insight


def _claim(shape: ClaimShape) -> Claim:
    if not 1 <= len(shape.evidence) <= MAX_EVIDENCE:
        raise ValueError(f"a claim has not 1 to {MAX_EVIDENCE} pieces of evidence")
    return Claim(
        _checked("a claim", shape.text, MAX_CLAIM),
        tuple(_checked("a piece of evidence", it, _MAX_EVIDENCE_ID) for it in shape.evidence),
    )


def _sentence(field: str, raw: str, limit: int) -> str:
    text = _checked(field, raw, limit)
    words = (found[1].lower() for found in _SENTENCE_BREAK.finditer(text))
    if any(len(word) != 1 and word not in _ABBREVIATIONS for word in words):
        raise ValueError(f"{field} is more than one sentence")
    return text


def _checked(field: str, raw: str, limit: int) -> str:
    text = one_line(raw)
    if is_blank(text):
        raise ValueError(f"{field} is blank")
    if len(text) > limit:
        raise ValueError(f"{field} is longer than {limit} characters")
    if not is_plain(text):
        raise ValueError(f"{field} holds a link or markup")
    return text
