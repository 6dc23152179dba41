"""What was measured, kept as JSON, from which the page and the picture are made anew."""

import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from string import Template

import msgspec

from bench.picture import picture
from bench.table import Line, markdown
from tests.engines.arms import first_of, own_arms
from tests.engines.programs import POSTGRES, REDIS

TEMPLATE = Path(__file__).with_name("page.md")
FIGURES, PAGE, PICTURE = "bench.json", "bench.md", "bench.svg"
PACKAGES = ("granian", "litestar", "uvloop", "asyncpg", "redis", "saq", "sqlalchemy", "msgspec")


class Figures(msgspec.Struct, frozen=True):
    """The lines of each bench by its name, and where and when they were measured."""

    machine: str
    versions: str
    measured_at: str
    load: float
    """How many processes wanted a core when the last of them began."""
    benches: dict[str, list[Line]]

    def lines(self) -> list[Line]:
        return [line for lines in self.benches.values() for line in lines]


def write(
    folder: Path, found: Mapping[str, list[Line]], order: Sequence[str], load: float
) -> Figures:
    """Keep what was found; lines of other benches stay, if they were measured on this machine.

    `load` is how busy the machine was before.
    """
    kept = known(folder)
    here = machine()
    old = kept.benches if kept and kept.machine == here else {}
    merged = {**old, **found}
    figures = Figures(
        here,
        versions(),
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        round(load, 1),
        {name: merged[name] for name in order if name in merged},
    )
    text = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (folder / FIGURES).write_bytes(text + b"\n")
    (folder / PAGE).write_text(page(figures), encoding="utf-8")
    (folder / PICTURE).write_text(picture(figures.lines()), encoding="utf-8")
    return figures


def known(folder: Path) -> Figures | None:
    path = folder / FIGURES
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else None


def page(figures: Figures) -> str:
    """In Markdown, with the picture beside it."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        table=markdown(figures.lines()),
        machine=figures.machine,
        versions=figures.versions,
        measured_at=figures.measured_at,
        load=figures.load,
    )


def machine() -> str:
    """Processor, cores and memory."""
    processor, memory = platform.processor() or platform.machine(), ""
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if cpuinfo.exists():
        names = [s for s in cpuinfo.read_text().splitlines() if s.startswith("model name")]
        cores = cpuinfo.read_text().count("processor\t:")
        processor = f"{names[0].partition(':')[2].strip() if names else processor}, {cores} cores"
    if meminfo.exists():
        memory = f", {int(meminfo.read_text().split()[1]) / 1e6:.0f} GB"
    return f"{processor}{memory}, {platform.system()} {platform.release()}"


def versions() -> str:
    packages = (f"{name} {version(name)}" for name in PACKAGES)
    return ", ".join([f"Python {platform.python_version()}", *_programs(), *packages])


def _programs() -> list[str]:
    """The engines that the bench would start, and wrk, each with the number that it tells."""
    programs = {
        "PostgreSQL": first_of("PostgreSQL", POSTGRES, own_arms())[1] / "postgres",
        "Redis": first_of("Redis", REDIS, own_arms())[1],
        "wrk": shutil.which("wrk"),
    }
    return [f"{name} {_version(path)}" for name, path in programs.items() if path]


def _version(program: Path | str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return number[0] if number else "of no known version"
