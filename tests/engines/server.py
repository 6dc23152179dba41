"""A server of our own: started, stopped, killed and restarted on one port and one folder."""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import TracebackType
from typing import ClassVar, Self

from tests.engines.arms import Unavailable
from tests.engines.identity import Identity, give
from tests.engines.readiness import DEADLINE, first_answer

# not the shared generator, which some plug-ins seed alike in every run
RANDOM = random.SystemRandom()


class OwnServer(ABC):
    """Runs from entering to leaving, and may be stopped, killed and restarted in between.

    The port and the data outlive a restart; leaving removes the data.
    """

    stop_signal: ClassVar[signal.Signals]

    def __init__(self, name: str, identity: Identity) -> None:
        self.port = _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"smart-crm-{name}-"))
        self._identity = identity
        self._process: subprocess.Popen[bytes] | None = None
        self._life = -1
        give(self.folder, identity)
        atexit.register(self.close)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @property
    def pid(self) -> int:
        """The process to signal; ask again after each start."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers; no effect on a running server."""
        if self._process is not None and self._process.poll() is None:
            return
        self._wait_until_gone()
        self._spawn()
        try:
            first_answer(self._ask, self._alive)
        except Unavailable as why:
            self.kill()
            raise Unavailable(f"{self._command()[0]}: {why}\n{self._last_words()}") from why

    def stop(self) -> None:
        """Shut down in good order; no effect where nothing runs."""
        if self._process is not None:
            self._process.send_signal(self.stop_signal)
            # a frozen process hears the signal only once it goes on
            self._process.send_signal(signal.SIGCONT)
        self._wait_until_gone()

    def kill(self) -> None:
        """kill -9, and wait until nothing of it is left; no effect where nothing runs."""
        if self._process is not None:
            self._process.kill()
        self._wait_until_gone()

    def restart(self) -> None:
        """Stop in good order, then start."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop for good and remove the data."""
        atexit.unregister(self.close)
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _command(self) -> Sequence[str | Path]:
        """The program and its arguments."""

    @abstractmethod
    def _ask(self) -> str:
        """Any real answer of the server; Unavailable until there is one."""

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _spawn(self) -> None:
        self._life, held_by_server = os.pipe()
        try:
            with (self.folder / "log").open("ab") as log:
                # a session of its own, since Ctrl-C is for the tests, and they stop the server
                self._process = subprocess.Popen(
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    env=environment(),
                    pass_fds=[held_by_server],
                    start_new_session=True,
                    **self._identity,
                )
        except OSError as error:
            os.close(self._life)
            raise Unavailable(f"{self._command()[0]} does not run: {error}") from error
        finally:
            os.close(held_by_server)

    def _wait_until_gone(self) -> None:
        """Wait for the process and its children: a new PostgreSQL refuses to start beside old ones.

        All of them hold the writing end of one pipe, so its reading end closes with the last.
        """
        if self._process is None:
            return
        with DefaultSelector() as selector:
            selector.register(self._life, EVENT_READ)
            if not selector.select(DEADLINE):
                self._process.kill()
                raise Unavailable(f"process {self._process.pid} did not end in {DEADLINE:.0f} s")
        self._process.wait()
        os.close(self._life)
        self._process = None

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-10:])


def environment() -> dict[str, str]:
    """Ours, in a locale that every machine has."""
    return os.environ | {"LC_ALL": "C"}


def _free_port() -> int:
    """A port below the range systems lend to clients, so that none takes it during a restart."""
    while True:
        port = RANDOM.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
