"""The `smart-crm` command."""

import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import click
import uvloop

from domain.errors import CrmError
from domain.lead_fields import LeadStatus
from domain.lead_list import LeadFilter
from domain.upload import FileFormat
from entrypoints.garbage import hold, keep
from entrypoints.optional import unused_left_out
from entrypoints.process import configure_logging
from entrypoints.settings import InvalidSettings, Settings, load, read_environment

if TYPE_CHECKING:
    from domain.evaluation import Evaluation

T = TypeVar("T")
NOTHING: Mapping[str, str] = MappingProxyType({})


def main() -> None:
    """Run the command; what a person can mend is told in one line, without a traceback."""
    hold()
    try:
        commands()
    except (InvalidSettings, CrmError) as error:
        click.echo(f"smart-crm: {error}", err=True)
        sys.exit(2)
    except BaseExceptionGroup as group:
        told = group.subgroup((InvalidSettings, CrmError))
        if told is None:
            raise
        click.echo(f"smart-crm: {_first(told)}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="smart-crm-api")
def commands() -> None:
    """Lead management as a REST service."""


@commands.command()
def serve() -> None:
    """All in one process: API, workers and schedule."""
    with unused_left_out():
        from entrypoints.serve import run_serve

    _run(run_serve, "serve")


@commands.command()
def api() -> None:
    """The API of the distributed mode."""
    with unused_left_out():
        from entrypoints.api import run_api

    _run(run_api, "api")


@commands.command()
def worker() -> None:
    """A worker of the distributed mode: summaries and syncs."""
    with unused_left_out():
        from entrypoints.worker import run_worker

    _run(run_worker, "worker")


@commands.command()
def cron() -> None:
    """The scheduler of the distributed mode."""
    with unused_left_out():
        from entrypoints.cron import run_cron

    _run(run_cron, "cron")


@commands.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from entrypoints.container import migrate as run_migrate

    _run(run_migrate, "migrate")
    click.echo("the database is up to date")


@commands.command()
@click.option("--source", help="Only this lead source; all that are configured unless told.")
def sync(source: str | None) -> None:
    """Sync once, with a progress bar."""
    from entrypoints.sync_once import sync_once

    async def run(settings: Settings) -> bool:
        return await sync_once(settings, source)

    if not _run(run, "sync"):
        sys.exit(1)


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="What the leads have as their source; `import` unless told.")
@click.option("--mapping", help="Fields of columns, as `E-mail=email,Full name=name`.")
@click.option("--dry-run", is_flag=True, help="Only count what would happen; write no lead.")
@click.option("--url", help="Of the API; the one of these settings unless told.")
def import_file(
    file: Path, source: str | None, mapping: str | None, dry_run: bool, url: str | None
) -> None:
    """Import leads from a CSV or NDJSON file through a running API, with a progress bar.

    Exits with 0 if every row was taken, with 1 if some were rejected or the run failed, and with 2
    if the file could not be handed over.
    """
    from entrypoints.import_once import ImportRefused, Wanted, import_once

    given = {"source": source, "mapping": mapping, "dry_run": "true" if dry_run else None}
    wanted = Wanted(file, {name: value for name, value in given.items() if value is not None}, url)

    async def run(settings: Settings) -> bool:
        return await import_once(settings, wanted)

    try:
        if not _run(run, "import"):
            sys.exit(1)
    except ImportRefused as error:
        click.echo(f"smart-crm: {error}", err=True)
        sys.exit(2)


@commands.command()
@click.option("--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv")
@click.option(
    "--status",
    type=click.Choice([status.value for status in LeadStatus]),
    help="Only leads in this status.",
)
@click.option("--source", help="Only leads that came from here.")
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, as Excel wants it.")
def export(form: str, status: str | None, source: str | None, bom: bool) -> None:
    """Write all leads to standard output, newest first; one that exits with 0 is whole."""
    from entrypoints.export_once import export_once

    wanted = LeadFilter(status=LeadStatus(status) if status else None, source=source)

    async def run(settings: Settings) -> None:
        await export_once(settings, wanted, FileFormat(form), sys.stdout.buffer, bom=bom)

    _run(run, "export")


@commands.command()
@click.argument("process", type=click.Choice(["api", "serve", "worker", "cron"]), default="api")
def health(process: str) -> None:
    """Exit with 0 if that process on this machine is well; for container health checks."""
    from entrypoints.pulse import is_healthy

    async def ask(settings: Settings) -> bool:
        return await is_healthy(settings, process)

    if not _run(ask, process):
        raise click.ClickException(f"{process} is not well")


@commands.command("eval")
@click.option(
    "--golden",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cases of your own instead of ours.",
)
@click.option("--summarizer", help="Only this one; all of CRM_SUMMARIZER unless told.")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    help="Exit with 1 if fewer percent of the answers are of the schema, grounded or expected.",
)
def try_summarizers(
    golden: Path | None, summarizer: str | None, in_json: bool, fail_under: float | None
) -> None:
    """Try the summarizers on golden cases; exit with 1 if one is not good enough.

    The rules are never good enough below 100 % of the schema and grounded.
    """
    from entrypoints.evaluation.command import are_good_enough, evaluate
    from entrypoints.evaluation.report import as_json, table

    async def run(settings: Settings) -> "Sequence[Evaluation]":
        return await evaluate(settings, golden)

    chosen = {"CRM_SUMMARIZER": summarizer} if summarizer else {}
    evaluations = _run(run, "eval", chosen)
    click.echo(as_json(evaluations) if in_json else table(evaluations))
    if not are_good_enough(evaluations, fail_under):
        sys.exit(1)


@commands.command()
def config() -> None:
    """Print the settings in effect, secrets masked."""
    for name, value in _settings("config").shown().items():
        click.echo(f"{name}={value}")


def _settings(process: str, but: Mapping[str, str] = NOTHING) -> Settings:
    return load({**read_environment(os.environ), **but}, process)


def _run(
    body: Callable[[Settings], Coroutine[Any, Any, T]],
    process: str,
    but: Mapping[str, str] = NOTHING,
) -> T:
    """`but` are settings that go before those of the environment."""
    settings = _settings(process, but)
    configure_logging(settings)
    keep()
    return uvloop.run(body(settings))


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
