"""An API over a database of its own, workers to be killed beside it, and what they leave behind."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from tests.engines.postgres import fresh_database
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running

SECONDS = 120.0
LEADS = "SELECT name, email, company, phone, source, external_id, version FROM leads ORDER BY email"
TOLD = (
    "SELECT email, type, changes::text FROM timeline JOIN leads ON lead_id = leads.id ORDER BY 1, 2"
)
LEFT = "SELECT count(*) FROM staged_chunks"


class Intake:
    """All of it ends with the stack."""

    def __init__(self, stack: ExitStack, server_url: str, folder: Path, **settings: str) -> None:
        self._stack, self._folder = stack, folder
        folder.mkdir()
        self._database_url = stack.enter_context(fresh_database(server_url))
        self._environ = {
            "DATABASE_URL": self._database_url,
            "API_SECRET_KEY": KEY,
            "CRM_LEASE": "1 s",
            "CRM_SWEEP": "200 ms",
            **settings,
        }
        assert run_program("migrate", environ=self._environ, folder=folder).returncode == 0
        port = {"CRM_PORT": str(free_port())}
        api = stack.enter_context(running("api", {**self._environ, **port}, folder))
        self.client = stack.enter_context(api_of(api))

    def worker(self) -> Process:
        worker = Process("worker", self._environ, self._folder)
        self._stack.callback(worker.kill)
        return worker

    def run_of(self, where: str) -> dict[str, Any]:
        run: dict[str, Any] = self.client.get(where).json()
        return run

    def ended(self, where: str) -> dict[str, Any]:
        eventually(lambda: self.run_of(where)["finished_at"], SECONDS)
        return self.run_of(where)

    def rejects(self, where: str) -> list[Any]:
        items, cursor = list[Any](), ""
        while cursor is not None:
            page = self.client.get(f"{where}/rejects?limit=200{cursor}").json()
            items += page["items"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return items

    def leads(self) -> int:
        return int(self._asked("SELECT count(*) FROM leads")[0][0])

    def stored(self) -> list[list[tuple[Any, ...]]]:
        """Leads, what is told of them, and how many chunks are left: the same after one file."""
        return [self._asked(query) for query in (LEADS, TOLD, LEFT)]

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        async def ask() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self._database_url)
            try:
                return [tuple(row) for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return asyncio.run(ask())


def written(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
