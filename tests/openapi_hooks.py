"""What no schema can say, for Schemathesis: where cursors come from, and that a key names one
request; and how to make what the document's own formats name.
"""

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

from domain.lead_fields import TextRule, checked_text

RULE = TextRule(10_000, required=True)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


def _is_not_blank(text: str) -> bool:
    return checked_text("text", RULE, text, []) is not None


schemathesis.openapi.format("not-blank", st.text(min_size=1, max_size=50).filter(_is_not_blank))
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
    """Only what is meant to be taken is changed; wrong cursors and keys stay as they are."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query and "cursor" in case.query:
        del case.query["cursor"]
    if isinstance(case.body, dict) and "cursor" in case.body:
        del case.body["cursor"]
    if case.headers and "idempotency-key" in case.headers:
        case.headers["idempotency-key"] = str(uuid4())
