"""Runs one limit as a process of its own: `python -m bench.limits NAME …`, on CRM_PORT.

The HTTP server is the project's own, with the same event loop and a garbage collector that is
tuned: only the application differs.
"""

import argparse
import gc
import logging
import os

import uvloop

from bench.limits import constant, create, page, read, summarize
from entrypoints.process import stop_on_signals
from entrypoints.server import serve_http
from entrypoints.settings import load

LIMITS = {
    "constant": constant.opened,
    "read": read.opened,
    "create": create.opened,
    "page": page.opened,
    "summarize": summarize.opened,
}


async def run(name: str, chosen: argparse.Namespace) -> None:
    stopping = stop_on_signals()
    settings = load({"CRM_PORT": os.environ["CRM_PORT"]})
    async with LIMITS[name](chosen) as app:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        await serve_http(app, settings, stopping)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=LIMITS)
    options.add_argument("--bytes", type=int, default=400, help="of the constant answer")
    options.add_argument("--database")
    options.add_argument("--redis")
    chosen = options.parse_args()
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(run(chosen.name, chosen))


if __name__ == "__main__":
    main()
