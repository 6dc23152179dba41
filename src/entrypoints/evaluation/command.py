"""`smart-crm eval`: summarizers on golden cases, and whether they are good enough."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from domain.evaluation import Evaluation
from entrypoints.container import evaluating
from entrypoints.evaluation.golden import golden_cases
from entrypoints.settings import Settings

RULES_PERCENT = 100.0
"""Of what the rules say, all must fit the schema and be grounded."""


async def evaluate(settings: Settings, golden: Path | None) -> Sequence[Evaluation]:
    """Shows progress on stderr."""
    cases = golden_cases(golden)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = {name: progress.add_task(name, total=len(cases)) for name in settings.summarizers}
        async with evaluating(settings) as ask:
            return await ask(cases, lambda name, done: progress.update(tasks[name], completed=done))


def are_good_enough(evaluations: Sequence[Evaluation], fail_under: float | None) -> bool:
    """By `fail_under` percent each is as expected, too; without it only the rules can fail."""
    return all(_is_good_enough(evaluation, fail_under) for evaluation in evaluations)


def _is_good_enough(evaluation: Evaluation, fail_under: float | None) -> bool:
    checked = min(evaluation.schema, evaluation.grounded)
    if evaluation.summarizer == "rules" and checked < RULES_PERCENT:
        return False
    return fail_under is None or min(checked, evaluation.expected) >= fail_under
