"""`make bench`: our own processes beside the limits, and a table of ratios.

`python -m bench [names…]`; all of them unless told.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.load import CLIENTS, best_client
from bench.options import Options
from bench.registry import BENCHES
from bench.report import write
from bench.scale import remake
from bench.table import Line, table


async def run(names: Sequence[str], options: Options) -> dict[str, list[Line]]:
    """What each found, told as soon as it is known; one that fails leaves the others alone."""
    task = asyncio.current_task()
    if task is not None:
        # Ctrl-C cancels by itself; both ways leave no process behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    found = {}
    for name in names:
        began = time.perf_counter()
        try:
            found[name] = await BENCHES[name](options)
        except Exception as why:  # noqa: BLE001 - minutes of other benches are not to be lost
            told = "".join(traceback.format_exception(why)[-3:])
            print(f"{name} failed: {told}", flush=True)
            continue
        print(f"{name}: {time.perf_counter() - began:.0f} s\n{table(found[name])}\n", flush=True)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=3.0, help="of each round")
    arguments.add_argument("--client", choices=CLIENTS, default=best_client())
    arguments.add_argument("--write", type=Path, metavar="FOLDER", help="page, picture, figures")
    chosen = arguments.parse_args()
    if unknown := set(chosen.names) - set(BENCHES):
        arguments.error(f"no bench is called {', '.join(sorted(unknown))}")
    options = Options(chosen.rounds, chosen.seconds, chosen.client)
    names = chosen.names or list(BENCHES)
    load = os.getloadavg()[0]
    try:
        found = uvloop.run(run(names, options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    lines = [line for name in found for line in found[name]]
    if len(found) > 1:
        print(table(lines))
    if chosen.write and found:
        remake(chosen.write, write(chosen.write, found, list(BENCHES), load))
    sys.exit(len(found) < len(names) or any(line.holds is False for line in lines))


if __name__ == "__main__":
    main()
