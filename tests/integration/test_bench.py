"""The bench's own parts hold together: a bare server, the bundled client, and wrk where it is."""

import pytest

from bench.load import CLIENTS, Load, best_client, measured
from bench.options import Options
from bench.servers import bare


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_measures_a_bare_server(client: str) -> None:
    if client == "wrk" and best_client() != "wrk":
        pytest.skip("wrk is not installed, nor needed")
    options = Options(rounds=1, seconds=0.3, client=client, connections=4)
    with bare("constant", "--bytes", "100") as server:
        load = Load("POST", "/leads/{id}", '{"n": {n}}', count=50)
        told = await measured(server.target, load, options, {})
    assert told.rate > 0
    assert 0 < told.p50 <= told.p99
