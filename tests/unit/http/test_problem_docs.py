"""docs/problems.md says what the table of problem types says."""

import json
from pathlib import Path

from entrypoints.http.problem_pages import example
from entrypoints.http.problem_types import PROBLEM_TYPES, ProblemType

DOCS = Path(__file__).parents[3] / "docs" / "problems.md"
INTRODUCTION = """\
# Problems

Every error is answered as `application/problem+json` (RFC 9457). Its `type` is the path of a page
on the server itself, `GET /problems/<slug>`, which needs no key and says what stands here; with
`accept: application/json` it says so to programs. `GET /problems` lists them all.

Beside `type`, `title`, `status`, `detail` and `instance` each has a `request_id`, which is in the
server's log and in the header `x-request-id`. Go by `type` and `code`: titles and details may
change.
"""


def _section(kind: ProblemType) -> str:
    shown = json.dumps(example(kind), indent=2)
    return f"""\
## {kind.slug}

**{kind.status}: {kind.title}.** {kind.meaning}

{kind.remedy}

```json
{shown}
```
"""


def problems_md() -> str:
    return "\n".join([INTRODUCTION, *map(_section, PROBLEM_TYPES.values())])


def test_the_docs_hold_every_problem_as_the_table_has_it() -> None:
    assert DOCS.read_text() == problems_md(), (
        "python -m tests.unit.http.test_problem_docs writes it"
    )


if __name__ == "__main__":
    DOCS.write_text(problems_md())
