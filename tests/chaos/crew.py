"""Three workers, each with an AI of its own, so that the AI's log tells who was killed at what."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.processes import Process

SIZE = 3
TRAP_SECONDS = 3.0


@dataclass(slots=True)
class Model(Mood):
    """Takes its time, and can stop the worker that it has just answered."""

    chance: random.Random = field(default_factory=random.Random)
    slowest: float = 1.0
    worker: int = 0
    """The process to stop after the next reply; 0 for none."""
    replies: int = 0
    """How many replies more it gets before that one."""
    head_start: float = 0.0
    """Seconds that the worker has with that one."""
    sprung: threading.Event = field(default_factory=threading.Event)

    def answer(self, facts: Mapping[str, str]) -> str | None:
        self.delay = self.chance.uniform(0.05, self.slowest)
        # a dataclass with slots is another class than the one that super() would look up
        return Mood.answer(self, facts)

    def delivered(self, facts: Mapping[str, str]) -> None:
        Mood.delivered(self, facts)
        self.replies -= 1
        if self.worker and self.replies < 0:
            time.sleep(self.head_start)
            os.kill(self.worker, signal.SIGSTOP)
            self.worker = 0
            self.sprung.set()


@dataclass(frozen=True, slots=True)
class Kill:
    """When (seconds since the epoch), and whose AI log tells what it hit."""

    at: float
    log: Path


class Worker:
    """A worker process that is started again after each kill."""

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path, model: Model) -> None:
        self.model = model
        self.log = folder / f"ai-{name}.jsonl"
        self.log.touch()
        model.log = self.log
        self._folder = folder
        self._environ = environ
        self.start()

    def start(self) -> None:
        self.process = Process("worker", self._environ, self._folder)

    def is_ready(self) -> bool:
        return "looking for work" in self.process.log.read_text()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> Kill:
        """kill -9, whatever it is doing."""
        at = time.time()
        self.process.kill()
        return Kill(at, self.log)

    def kill_after_an_answer(self, replies: int, head_start: float) -> Kill:
        """Stopped so many seconds after one of the AI's next answers, then killed.

        If none comes in time it is killed while it waits.
        """
        self.model.sprung.clear()
        self.model.replies, self.model.head_start = replies, head_start
        self.model.worker = self.process.popen.pid
        self.model.sprung.wait(TRAP_SECONDS)
        self.model.worker = 0
        return self.kill()


@contextmanager
def crew(
    environ: Mapping[str, str], folder: Path, chance: random.Random, slowest: float
) -> Iterator[list[Worker]]:
    """The workers, stopped at the end; their AIs answer within so many seconds."""
    with ExitStack() as stack:
        workers = []
        for number in range(SIZE):
            model = Model(chance=random.Random(chance.random()), slowest=slowest)
            gemini = stack.enter_context(FakeGemini(mood=model))
            own = {**environ, "GEMINI_API_KEY": GEMINI_KEY, "GEMINI_BASE_URL": gemini.url}
            worker = Worker(str(number), own, folder, model)
            stack.callback(worker.stop)
            workers.append(worker)
        yield workers
