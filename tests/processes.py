"""Real `smart-crm` processes for tests: started, waited for, killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

PROGRAM = Path(sys.executable).with_name("smart-crm")
KEY = "crm_test_0123456789abcdef"
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T], seconds: float = 20) -> T:
    """The first true answer; the last one is told if none comes in time."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"still {seen!r} after {seconds} s")
        time.sleep(0.02)
    return seen


def run_program(
    *arguments: str, environ: Mapping[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """One command to its end."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env=_environment(environ),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Process:
    """A running `smart-crm`; its output is in `log`."""

    def __init__(self, command: str, environ: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"{command}-{time.monotonic_ns()}.log"
        self.port = int(environ.get("CRM_PORT") or "0")
        with self.log.open("wb") as output:
            self.popen = subprocess.Popen(
                [PROGRAM, command],
                env=_environment(environ),
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.popen.pid

    def wait_until_ready(self, seconds: float = 20) -> None:
        def ready() -> bool:
            if self.popen.poll() is not None:
                raise AssertionError(f"it ended: {self.log.read_text()}")
            try:
                return httpx.get(f"{self.url}/health/ready", timeout=2).is_success
            except httpx.TransportError:
                return False

        eventually(ready, seconds)

    def stop(self) -> int:
        """SIGTERM, and the exit code; who goes on for 40 s is killed, and TimeoutExpired raised."""
        self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(10)


@contextmanager
def running(command: str, environ: Mapping[str, str], folder: Path) -> Iterator[Process]:
    """A process that is stopped at the end of the block; ready, where it has a port."""
    process = Process(command, environ, folder)
    try:
        if process.port:
            process.wait_until_ready()
        yield process
    finally:
        if process.popen.poll() is None:
            process.stop()


@contextmanager
def api_of(process: Process, key: str = KEY) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=process.url, headers={"x-api-key": key}, timeout=10) as client:
        yield client


def lead_when(client: httpx.Client, lead_id: str, **fields: Any) -> dict[str, Any]:
    """The lead as soon as these fields have these values."""
    seen: dict[str, Any] = {}

    def look() -> bool:
        seen.update(client.get(f"/leads/{lead_id}").json())
        return all(seen[name] == value for name, value in fields.items())

    eventually(look)
    return seen


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the tester's own settings gets in; no balancer is waited for unless told."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "TMPDIR", "PYTHONPATH")
        if name in os.environ
    }
    return {**kept, "CRM_DRAIN": "0", **environ}
