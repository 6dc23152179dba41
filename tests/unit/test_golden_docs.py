"""docs/golden.md says what the golden cases are, and what the rules say of them."""

import asyncio
import html
from collections.abc import Iterator
from pathlib import Path

from adapters.summarizers._rules_table import PROMPT_VERSION
from adapters.summarizers._text import clipped, one_line
from adapters.summarizers.rules import RulesSummarizer
from domain.golden import GoldenCase
from domain.insight import Insight
from domain.summary_input import SummaryInput
from entrypoints.evaluation.golden import golden_cases

DOCS = Path(__file__).parents[2] / "docs" / "golden.md"
SHOWN = 300
"""Characters of a field or an activity that are shown."""
ACTIVITIES = 6
INTRODUCTION = f"""\
# Golden cases

`smart-crm eval` tries the configured summarizers on these leads. Each is shown with what `rules`
({PROMPT_VERSION}) says about it, and with what a person thinks of that. The cases stand in
`src/entrypoints/evaluation/golden.json`; none of these people exists.
"""


def _known(known: SummaryInput) -> Iterator[str]:
    for field, text in known.facts.items():
        yield f"{field}: {_shown(text)}"
    for told in known.activities[:ACTIVITIES]:
        yield f"{told.id}, {told.type} on {told.on}: {_shown(told.text)}"
    if len(known.activities) > ACTIVITIES:
        yield f"… and {len(known.activities) - ACTIVITIES} older activities"
    for move in known.history:
        yield f"history: {move.before} → {move.after} on {move.on}"


def _said(insight: Insight) -> Iterator[str]:
    days = insight.due_in_days
    due = "no day" if days is None else "in 1 day" if days == 1 else f"in {days} days"
    plan = (insight.next_action_type, insight.channel, insight.priority, due)
    yield f"**{_escaped(insight.next_action)}**"
    yield f"({', '.join(plan)})"
    yield f"Why: {_escaped(insight.reason)}"
    yield f"Summary: {_escaped(insight.summary)}"
    for claim in insight.claims:
        yield f"• {_escaped(claim.text)} [{', '.join(claim.evidence)}]"


def _section(case: GoldenCase, insight: Insight) -> str:
    known, said = "<br>".join(_known(case.known)), "<br>".join(_said(insight))
    return f"""\
## {case.id}

| What is known | What the rules say |
| --- | --- |
| {known} | {said} |

{case.review}
"""


def _shown(text: str) -> str:
    return _escaped(clipped(one_line(text), SHOWN))


def _escaped(text: str) -> str:
    """As a cell of a table shows it, markup and all."""
    return html.escape(text, quote=False).replace("|", "\\|").replace("*", "\\*")


async def golden_md() -> str:
    rules = RulesSummarizer()
    sections = [
        _section(case, (await rules.summarize(case.known)).insight) for case in golden_cases()
    ]
    return "\n".join([INTRODUCTION, *sections])


async def test_the_docs_hold_every_golden_case_and_what_the_rules_say_of_it() -> None:
    assert DOCS.read_text() == await golden_md(), "python -m tests.unit.test_golden_docs writes it"


if __name__ == "__main__":
    DOCS.write_text(asyncio.run(golden_md()))
