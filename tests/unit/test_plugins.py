"""A package of somebody else's serves where a setting names it."""

import pkgutil
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from adapters import summarizers
from entrypoints.container import Container
from entrypoints.settings import InvalidSettings
from tests.bad_requests import TELLING
from tests.systems import a_client, a_system, work_off_summaries, work_off_syncs

PACKAGE = Path(__file__).parents[1] / "plugin"
CHOSEN = {
    "CRM_SUMMARIZER": "acme",
    "CRM_SUMMARIZER_ACME_GREETING": "Meet",
    "CRM_LEAD_SOURCE": "acme",
}


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip would leave it, but at once."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {place}" for name, place in points.items()))
    ]
    metadata = tmp_path / "acme_crm-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    shutil.copy(PACKAGE / "acme_crm.py", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_crm", raising=False)


@pytest.mark.usefixtures("_installed")
async def test_a_summarizer_of_that_name_is_asked() -> None:
    async with a_system(CHOSEN) as system, a_client(system) as client:
        lead = (await client.post("/leads", json=TELLING)).json()
        await client.post(f"/leads/{lead['id']}/summarize")
        await work_off_summaries(system)

        done = (await client.get(f"/leads/{lead['id']}")).json()

    assert done["summary"] == "Meet Grace Hopper."


@pytest.mark.usefixtures("_installed")
async def test_a_source_of_that_name_is_synced() -> None:
    async with a_system(CHOSEN) as system, a_client(system) as client:
        await client.post("/sync?source=acme")
        await work_off_syncs(system)

        (lead,) = (await client.get("/leads")).json()["items"]

    assert (lead["name"], lead["source"]) == ("Wile E.", "acme")


@pytest.mark.parametrize("name", ["CRM_CACHE", "CRM_SUMMARIZER", "CRM_LEAD_SOURCE"])
async def test_a_name_that_nobody_offers_is_refused(name: str) -> None:
    with pytest.raises(InvalidSettings, match="'acme' is neither built in nor a plug-in"):
        async with a_system({name: "acme"}):
            pass


def test_a_built_in_summarizer_is_a_module_and_its_line_in_the_container() -> None:
    modules = {module.name for module in pkgutil.iter_modules(summarizers.__path__)}
    named = {name for name in modules if not name.startswith("_")}

    assert Container.summarizer.providers.keys() == named
