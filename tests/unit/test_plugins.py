"""A package of somebody else's serves where a setting names it."""

import sys
from pathlib import Path

import pytest

from entrypoints.settings import InvalidSettings
from tests.bad_requests import GOOD
from tests.systems import a_client, a_system, work_off_summaries, work_off_syncs

CODE = """
from domain.incoming import IncomingLead
from domain.summary import Insight, SummarizerAnswer


class Acme:
    name = "acme"

    def __init__(self, settings):
        self.greeting = settings.plugin_values["CRM_SUMMARIZER_ACME_GREETING"]

    async def summarize(self, known):
        insight = Insight(f"{self.greeting} {known.facts['name']}.", "Call.")
        return SummarizerAnswer(insight=insight, provider="acme", model="1", prompt_version="1")


class AcmeLeads:
    name = "acme"

    def __init__(self, settings):
        pass

    async def fetch(self):
        yield [IncomingLead({"name": "Wile E.", "email": "wile@acme.example"})]
"""
ENTRY_POINTS = """
[smart_crm.summarizers]
acme = acme_crm:Acme

[smart_crm.lead_sources]
acme = acme_crm:AcmeLeads
"""
CHOSEN = {
    "CRM_SUMMARIZER": "acme",
    "CRM_SUMMARIZER_ACME_GREETING": "Meet",
    "CRM_LEAD_SOURCE": "acme",
}


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = tmp_path / "acme_crm-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "acme_crm.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_crm", raising=False)


@pytest.mark.usefixtures("_installed")
async def test_a_summarizer_of_that_name_is_asked() -> None:
    async with a_system(CHOSEN) as system, a_client(system) as client:
        lead = (await client.post("/leads", json={**GOOD, "company": "Navy"})).json()
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
