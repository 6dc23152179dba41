"""The processes that are measured: ours and the bare ones, started alike, stopped at the end."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.load import Target
from tests.processes import KEY, PROGRAM, free_port

ROOT = Path(__file__).parents[1]
READY_SECONDS = 30.0
STOP_SECONDS = 40.0
SETTINGS = {
    "API_SECRET_KEY": KEY,
    # no source is read meanwhile, and a stop waits for nobody
    "CRM_SYNC_CRON": "0 0 29 2 *",
    "CRM_DRAIN": "0",
    "CRM_LOG_FORMAT": "json",
}


class NotStarted(Exception):
    """The process ended, or did not answer in time; with its last line."""


@dataclass(frozen=True, slots=True)
class Server:
    target: Target
    log: Path
    seconds_to_ready: float

    def forget_log(self) -> None:
        """So that minutes of access logs do not fill the disk."""
        os.truncate(self.log, 0)


@contextmanager
def ours(command: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """`smart-crm api` or `serve` with real settings; its log goes to a file."""
    with _running([PROGRAM, command], {**SETTINGS, **environ}, "/health/ready") as server:
        yield server


@contextmanager
def bare(name: str, *arguments: str) -> Iterator[Server]:
    """One of the limits, under the same HTTP server."""
    with _running([sys.executable, "-m", "bench.limits", name, *arguments], {}, "/ready") as server:
        yield server


@contextmanager
def _running(
    command: Sequence[str | Path], environ: Mapping[str, str], ready_path: str
) -> Iterator[Server]:
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    found_in = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    with tempfile.TemporaryDirectory(prefix="smart-crm-bench-") as folder:
        log = Path(folder) / "log"
        began = time.perf_counter()
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env={**kept, **environ, "PYTHONPATH": found_in, "CRM_PORT": str(port)},
                # where no `.env` of the developer's lies
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the bench, which stops them
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, url + ready_path, log)
            yield Server(Target(url, process.pid), log, time.perf_counter() - began)
        finally:
            _stop(process)


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    with httpx.Client(timeout=2, trust_env=False) as client:
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            try:
                if client.get(url).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.005)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
    raise NotStarted(lines[-1])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
