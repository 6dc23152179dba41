"""Loads: what is asked of a server over and over, by wrk or by the client that comes with it."""

import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from bench.cpu import tree_seconds
from bench.options import Options
from tests.processes import KEY

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("wrk.lua")
CLIENTS = ("wrk", "bundled")


class LoadFailed(Exception):
    """Some requests were not answered, or answered with an error: such a figure means nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """One request after the other, numbered from `first` on and over again after `count`.

    `{id}` in the path stands for the number in twelve hexadecimal digits, `{n}` in the body for
    the number itself. With `fresh`, no round gets the numbers of another.
    """

    method: str
    path: str
    body: str = ""
    first: int = 0
    count: int = 1
    fresh: bool = False

    def of_round(self, number: int) -> "Load":
        return replace(self, first=self.first + number * self.count) if self.fresh else self

    @property
    def arguments(self) -> Sequence[str]:
        """As both clients take them."""
        return (self.method, self.path, self.body, str(self.first), str(self.count), KEY)


class Told(msgspec.Struct, frozen=True):
    """What a client tells at its end, as one line of JSON; percentiles in milliseconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, latencies in milliseconds, and the server's CPU seconds per request.

    CPU is None where the system does not tell it; `parts` is what other processes took of it for
    each request, by their names.
    """

    rate: float
    p50: float
    p99: float
    cpu: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load: where it answers, and the process that does."""

    url: str
    pid: int


def best_client() -> str:
    return "wrk" if shutil.which("wrk") else "bundled"


async def measured(
    target: Target, load: Load, options: Options, parts: Mapping[str, int]
) -> Measured:
    """What this load came to; LoadFailed if not every request went well.

    `parts` are other processes whose CPU, with that of their children, is told beside the server's.
    """
    pids = {"": target.pid, **parts}
    before = {name: tree_seconds(pid) for name, pid in pids.items()}
    told = await _told(_command(target.url, load, options))
    after = {name: tree_seconds(pid) for name, pid in pids.items()}
    if told.failed or not told.requests:
        raise LoadFailed(f"{load.method} {load.path}: {told.failed} of {told.requests} failed")
    taken = {
        name: (spent - began) / told.requests
        for name, spent in after.items()
        if spent is not None and (began := before[name]) is not None
    }
    cpu = taken.pop("", None)
    return Measured(told.requests / told.seconds, told.p50, told.p99, cpu, taken)


def read_told(output: str) -> Told:
    """The last line of JSON among whatever else a client prints."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise LoadFailed(f"the client said: {output.strip()[-500:]}")
    return msgspec.json.decode(lines[-1], type=Told)


def _command(url: str, load: Load, options: Options) -> Sequence[str | Path]:
    if options.client == "wrk":
        # wrk knows whole seconds only
        time = f"-d{max(1, round(options.seconds))}s"
        how = ("-t1", f"-c{options.connections}", time, "--timeout", "10s", "-s", SCRIPT)
        return ("wrk", *how, url, "--", *load.arguments)
    program = (sys.executable, "-m", "bench.client", url)
    return (*program, str(options.connections), str(options.seconds), *load.arguments)


async def _told(command: Sequence[str | Path]) -> Told:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return read_told(output.decode(errors="replace"))
