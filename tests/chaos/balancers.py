"""Who gets traffic: a watch over readiness, and an nginx that it tells."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.processes import eventually, free_port

POLL_SECONDS = 0.5


class Watch:
    """Asks each API for its readiness, again and again, and tells who is ready."""

    def __init__(self, urls: Sequence[str], tell: Callable[[list[str]], None]) -> None:
        self.ready: list[str] = []
        self._urls = urls
        self._tell = tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._turn = count()

    def next(self) -> str:
        """One after the other of those that are ready."""
        ready = self.ready
        return ready[next(self._turn) % len(ready)]

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self._look()

    def _look(self) -> None:
        states = {url: readiness(url) for url in self._urls}
        ready = [url for url in self._urls if states[url] in {"ok", "degraded"}]
        # where nobody is well, who stays is still better than who is leaving
        ready = ready or [url for url in self._urls if states[url] == "unavailable"]
        if ready and ready != self.ready:
            self._tell(ready)
            self.ready = ready


def readiness(url: str) -> str:
    """`ok`, `degraded`, `unavailable`, `draining`, or `gone` if nobody listens."""
    try:
        status: str = httpx.get(f"{url}/health/ready", timeout=2).json()["status"]
    except httpx.TimeoutException:
        return "unavailable"
    except (httpx.TransportError, ValueError):
        return "gone"
    return status


class Nginx:
    """A real nginx on a loopback port, whose upstreams are those it was last told.

    It hides nothing: no request is tried again elsewhere, and no API is left out for its faults.
    Connections to the APIs are kept open, so that a stop meets idle ones.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._conf = folder / "nginx.conf"
        self._process: subprocess.Popen[bytes] | None = None

    def tell(self, ready: list[str]) -> None:
        """Send requests to these from now on; what is under way elsewhere goes on."""
        self._conf.write_text(self._configuration(ready))
        if self._process is None:
            self._process = self._started()
        else:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _started(self) -> "subprocess.Popen[bytes]":
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            pytest.fail("no nginx to test with: apt-get install nginx", pytrace=False)
        errors = str(self._folder / "error.log")
        return subprocess.Popen(
            [program, "-p", self._folder, "-c", self._conf, "-e", errors],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _configuration(self, ready: list[str]) -> str:
        user = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(os.getegid()).gr_name
        servers = " ".join(f"server {url.removeprefix('http://')} max_fails=0;" for url in ready)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = " ".join(f"{kind}_temp_path {self._folder}/{kind};" for kind in kinds)
        return f"""
            daemon off; worker_processes 1; pid {self._folder}/nginx.pid;
            {f"user {user} {group};" if os.geteuid() == 0 else ""}
            error_log {self._folder}/error.log warn;
            events {{ worker_connections 4096; }}
            http {{
                access_log off; {paths}
                upstream apis {{ {servers} keepalive 32; keepalive_timeout 20s; }}
                server {{
                    listen 127.0.0.1:{self.port} backlog=1024;
                    location / {{
                        proxy_pass http://apis;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_next_upstream off;
                    }}
                }}
            }}
        """


@contextmanager
def nginx_over(urls: Sequence[str], folder: Path) -> Iterator[tuple[Nginx, Watch]]:
    """An nginx in front of those of the APIs that are ready."""
    folder.mkdir()
    nginx = Nginx(folder)
    try:
        with Watch(urls, nginx.tell) as watch:
            eventually(lambda: readiness(nginx.url) == "ok")
            yield nginx, watch
    finally:
        nginx.stop()
