"""Where the time of an import goes: its own code in one thread, under cProfile."""

import asyncio
import cProfile
import io
import pstats
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

from adapters.lead_sources.file import ReadUpload
from application.import_leads import BATCH
from bench.intake_rows import sample
from bench.intake_ways import CSV, a_database
from domain.upload import IMPORT
from tests.systems import a_system

ROWS, LINES = 20_000, 25


class InThisThread(ThreadPoolExecutor):
    """What is to be done in a thread is done at once, so that one profile sees it all."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **named))
        except Exception as error:  # noqa: BLE001 - it is raised to who asks for the result
            done.set_exception(error)
        return done


async def profile(server_url: str) -> None:
    """Print what takes the most processor time of ours, for reading, checking and merging."""
    asyncio.get_running_loop().set_default_executor(InThisThread())
    profiler = cProfile.Profile(time.process_time)
    async with a_database(server_url) as url, a_system({"DATABASE_URL": url}) as system:
        merge = system.crm.run_syncs.merge_leads
        rows = ReadUpload()(io.BytesIO(sample(ROWS).file), CSV)
        with profiler:
            while batch := list(islice(rows, BATCH)):
                await merge(IMPORT, batch)
    report = io.StringIO()
    stats = pstats.Stats(profiler, stream=report).strip_dirs()
    stats.sort_stats("tottime").print_stats(LINES)
    print(report.getvalue())
