"""With `CRM_CACHE=redis`, what one process keeps and replaces is what the others see."""

import asyncio
from typing import Any

import redis.asyncio

from tests.bad_requests import GOOD
from tests.systems import a_client, a_system, work_off_summaries


async def test_a_read_fills_redis_and_a_write_of_another_process_replaces_it(
    empty_postgres_url: str, fresh_redis_url: str
) -> None:
    environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url}
    client: Any = redis.asyncio.Redis.from_url(fresh_redis_url)
    async with a_system(environ) as system, a_system(environ) as other, a_client(system) as api:
        lead = (await api.post("/leads", json=GOOD)).json()
        path = f"/leads/{lead['id']}"
        async with asyncio.timeout(5):
            while not await client.keys("crm:*"):
                await api.get(path)

        await api.post(f"{path}/summarize")
        await work_off_summaries(other)

        assert (await api.get(path)).json()["summary_status"] == "ready"
    await client.aclose()
