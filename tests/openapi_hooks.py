"""What no schema can say, for Schemathesis: where cursors come from, that a key names one request,
and which version a lead has; and how to make times and entity tags.
"""

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


schemathesis.openapi.format(
    "date-time",
    st.tuples(st.integers(86_400, 1_767_225_600), OFFSETS).map(
        lambda given: datetime.fromtimestamp(given[0], given[1]).isoformat()
    ),
)


schemathesis.openapi.format(
    "entity-tags",
    st.lists(st.from_regex(r'(W/)?"[!#-~]{0,9}"', fullmatch=True), min_size=1).map(", ".join)
    | st.just("*"),
)


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """Only what is meant to be taken is changed; what is wrong by intent stays as it is."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query and "cursor" in case.query:
        del case.query["cursor"]
    if isinstance(case.body, dict) and "cursor" in case.body:
        del case.body["cursor"]
    if case.headers and "idempotency-key" in case.headers:
        case.headers["idempotency-key"] = str(uuid4())
    if case.headers and "if-match" in case.headers:
        case.headers["if-match"] = "*"


@schemathesis.serializer("text/csv", "application/x-ndjson")
def file_of_leads(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Any text is a file; what is none of it is sent as no text at all."""
    return value.encode() if isinstance(value, str) else b"\xff"
