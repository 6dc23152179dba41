"""`CRM_REQUIRE_IF_MATCH` reaches each process that answers requests."""

from pathlib import Path

import pytest

from tests.bad_requests import GOOD
from tests.processes import KEY, api_of, free_port, run_program, running


@pytest.mark.parametrize("command", ["serve", "api"])
def test_a_change_without_a_tag_is_refused(command: str, tmp_path: Path) -> None:
    environ = {
        "CRM_PORT": str(free_port()),
        "CRM_REQUIRE_IF_MATCH": "true",
        "API_SECRET_KEY": KEY,
    }
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0

    with running(command, environ, tmp_path) as process, api_of(process) as client:
        created = client.post("/leads", json=GOOD)
        path = created.headers["location"]
        without = client.patch(path, json={"phone": "1"})
        tag = {"if-match": created.headers["etag"]}
        tagged = client.patch(path, json={"phone": "1"}, headers=tag)

    assert (without.status_code, tagged.status_code) == (428, 200)
