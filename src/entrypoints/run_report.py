"""How the command line tells of a run that has ended: its state, and the fate of its rows."""

from domain.sync import FATES
from entrypoints.http.schemas import SyncRunView


def ending(run: SyncRunView) -> str:
    """Its state, and the reason where it has one."""
    return f"{run.state} ({run.error.type}: {run.error.detail})" if run.error else run.state


def fates(run: SyncRunView) -> str:
    """How many rows met each fate."""
    return ", ".join(f"{getattr(run, fate)} {fate}" for fate in FATES)
