"""`make bench`: our own processes beside the limits, and a table of ratios.

`python -m bench [names…]`; all of them unless told.
"""

import argparse
import asyncio
import signal
import sys
import time

import uvloop

from bench.load import CLIENTS, best_client
from bench.options import Options
from bench.registry import BENCHES
from bench.table import table


async def run(names: list[str], options: Options) -> bool:
    """Whether all bars hold."""
    task = asyncio.current_task()
    if task is not None:
        # Ctrl-C cancels by itself; both ways leave no process behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    lines = []
    for name in names:
        began = time.perf_counter()
        found = await BENCHES[name](options)
        lines += found
        print(f"{name}: {time.perf_counter() - began:.0f} s\n{table(found)}\n", flush=True)
    if len(names) > 1:
        print(table(lines))
    return all(line.holds is not False for line in lines)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=3.0, help="of each round")
    arguments.add_argument("--client", choices=CLIENTS, default=best_client())
    chosen = arguments.parse_args()
    if unknown := set(chosen.names) - set(BENCHES):
        arguments.error(f"no bench is called {', '.join(sorted(unknown))}")
    options = Options(chosen.rounds, chosen.seconds, chosen.client)
    sys.exit(not uvloop.run(run(chosen.names or list(BENCHES), options)))


if __name__ == "__main__":
    main()
