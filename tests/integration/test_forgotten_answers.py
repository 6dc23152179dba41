"""Those processes that work also forget answers whose time is over."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes import KEY, eventually, free_port, run_program, running

ANSWER = """
INSERT INTO receipts (scope, key, fingerprint, status, headers, body, created_at)
VALUES ('somebody POST /leads', ?, 'a1', 201, '{}', '{}',
        strftime('%Y-%m-%d %H:%M:%f000', 'now', ?))
"""


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_an_answer_of_yesterday_is_forgotten_and_one_of_today_is_not(
    command: str, tmp_path: Path
) -> None:
    environ = {"API_SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{tmp_path}/crm.db"}
    run_program("migrate", environ=environ, folder=tmp_path)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        database.execute(ANSWER, ("old", "-24 hours"))
        database.execute(ANSWER, ("new", "-23 hours"))
        database.commit()
        environ |= {"CRM_PORT": str(free_port())} if command == "serve" else {}

        def kept() -> list[tuple[str]]:
            return database.execute("SELECT key FROM receipts").fetchall()

        with running(command, environ, tmp_path):
            eventually(lambda: kept() == [("new",)], seconds=40)
