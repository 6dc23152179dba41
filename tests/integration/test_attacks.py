"""Injections against a model that obeys them: nothing but the summary's own text ever changes."""

import asyncio
import base64
import re
import shutil
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from domain.masking import mask
from domain.summary_input import SummaryInput
from tests.attacks import ATTACKS, PERSUASION, Attack
from tests.fakes.obedient import ObedientModel
from tests.systems import a_client, a_system, work_off_summaries

KEY = "AIza-Secret-0123456789-of-ours"
FIRST = ["Ottilie", "Casimir", "Philippa", "Leopold", "Wilhelmina", "Bartholomew", "Henrietta",
         "Ambrose", "Clementine", "Percival"]  # fmt: skip
LAST = ["Quillfeather", "Underhill", "Nettleship", "Vandermeer", "Thistlewood", "Ravenscroft",
        "Oakenshaw", "Blackwood", "Winterbourne", "Ashcombe"]  # fmt: skip
SUMMARY_S_OWN = {
    "summary", "next_action", "summary_status", "summarized_at", "insight", "basis", "updated_at",
    "version",
}  # fmt: skip
"""The columns of a lead that a summary may change."""
WRITTEN_BY_RUNS = {"summary_runs", "timeline", "ai_days", "ai_usage"}
LINK = re.compile(
    r"[a-z]:/|\bwww\.|//\w|\b(?:mailto|tel|data|javascript):\S|\]\(|\]\[|<[a-z/!]|\\\\\\\\\w|\.\w+/\w",
    re.IGNORECASE,
)
Tables = Mapping[str, list[dict[str, Any]]]


@dataclass
class Aftermath:
    """What there was before and after all attacks, and what the API shows of each."""

    masks: bool
    told: str = ""
    sent: str = ""
    """Every request to the model."""
    fell_for: list[str] = field(default_factory=list)
    before: Tables = field(default_factory=dict)
    after: Tables = field(default_factory=dict)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def shown(self, attack: Attack) -> str:
        """All that a summary of this lead made to be seen, as one text without hidden letters."""
        lead = {
            name: self.leads[attack.name][name] for name in ("summary", "next_action", "insight")
        }
        text = msgspec.json.encode([lead, self.runs[attack.name]]).decode()
        visible = (it for it in text if unicodedata.category(it) != "Cf")
        return unicodedata.normalize("NFKC", "".join(visible))


@pytest.fixture(scope="module", params=["gemini", "openai", "masked gemini"])
def aftermath(
    request: pytest.FixtureRequest, migrated_sqlite_file: Path, tmp_path_factory: Any
) -> Iterator[Aftermath]:
    path = Path(shutil.copy(migrated_sqlite_file, tmp_path_factory.mktemp("attacks") / "crm.db"))
    with ObedientModel(ATTACKS) as model:
        yield asyncio.run(_attacked(path, model, *request.param.split()[::-1]))


async def _attacked(path: Path, model: ObedientModel, provider: str, masked: str = "") -> Aftermath:
    environ = {
        "DATABASE_URL": f"sqlite:///{path}",
        "CRM_SUMMARIZER": provider,
        "CRM_SUMMARY_ATTEMPTS": "1",
        "CRM_AI_MASK_PII": str(bool(masked)).lower(),
        "GEMINI_API_KEY": KEY,
        "GEMINI_BASE_URL": model.gemini_url,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": model.openai_url,
        "OPENAI_MODEL": "obedient",
    }
    found = Aftermath(bool(masked))
    async with a_system(environ) as system, a_client(system) as client:
        ids = {attack.name: await _lead_with(client, attack) for attack in ATTACKS}
        found.before = _tables(path)
        for lead in ids.values():
            assert (await client.post(f"/leads/{lead}/summarize")).status_code == 202
            await work_off_summaries(system)
        found.after = _tables(path)
        for name, lead in ids.items():
            found.leads[name] = (await client.get(f"/leads/{lead}")).json()
            found.runs[name] = (await client.get(f"/leads/{lead}/summaries")).json()["items"]
    found.told, found.fell_for = model.told, model.fell_for
    found.sent = "".join(request.body.decode() for request in model.server.requests)
    ends = Counter((run["error"] or {"type": "stored"})["type"] for [run] in found.runs.values())
    told = ", ".join(f"{count} {end}" for end, count in ends.items())
    print(f"{masked} {provider}: {len(ATTACKS)} attacks, {told}")
    return found


async def _lead_with(client: httpx.AsyncClient, attack: Attack) -> str:
    number = ATTACKS.index(attack)
    name = f"{FIRST[number % 10]} {LAST[number // 10]}"
    lead = {
        "name": name,
        "email": f"{name.lower().replace(' ', '.')}@example.com",
        "phone": "+44 20 7946 0018",
        "company": "Analytical Engines",
    }
    if attack.field != "activity":
        lead[attack.field] = attack.text
    created = await client.post("/leads", json=lead)
    assert created.status_code == 201, created.text
    lead_id = created.json()["id"]
    if attack.field == "activity":
        activity = {"type": "note", "text": attack.text}
        done = await client.post(f"/leads/{lead_id}/activities", json=activity)
        assert done.status_code == 201, done.text
    return str(lead_id)


def _tables(path: Path) -> Tables:
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
            for (name,) in [*named]
        }


def test_there_are_sixty_attacks_and_more() -> None:
    assert len({(attack.field, attack.text) for attack in ATTACKS}) >= 60


def test_the_model_fell_for_every_attack_that_it_saw(aftermath: Aftermath) -> None:
    seen = [it.name for it in ATTACKS if not aftermath.masks or _goes_through_a_mask(it)]

    assert Counter(aftermath.fell_for) == Counter(seen)


def test_personal_data_is_sent_unless_it_is_masked(aftermath: Aftermath) -> None:
    named = {attack.name for attack in ATTACKS if attack.field != "name"}
    leads = {name: aftermath.leads[name] for name in named}

    for member in ("name", "email", "phone"):
        sent = {name for name, lead in leads.items() if lead[member] in aftermath.sent}
        assert sent == (set() if aftermath.masks else named)


def test_of_a_lead_nothing_but_its_summary_has_changed(aftermath: Aftermath) -> None:
    before, after = aftermath.before["leads"], aftermath.after["leads"]

    assert [_kept(row) for row in after] == [_kept(row) for row in before]


def test_nothing_else_has_changed_at_all(aftermath: Aftermath) -> None:
    others = aftermath.before.keys() - {"leads"} - WRITTEN_BY_RUNS

    assert aftermath.before.keys() == aftermath.after.keys()
    assert {"activities"} <= others
    assert {it: aftermath.after[it] for it in others} == {it: aftermath.before[it] for it in others}


def test_there_is_one_run_of_each_lead_and_no_other(aftermath: Aftermath) -> None:
    ids = Counter(row["lead_id"] for row in aftermath.after["summary_runs"])

    assert ids == Counter(row["id"] for row in aftermath.before["leads"])


def test_nothing_is_said_to_have_happened_but_summaries(aftermath: Aftermath) -> None:
    before, after = aftermath.before["timeline"], aftermath.after["timeline"]

    assert after[: len(before)] == before
    assert {row["type"] for row in after[len(before) :]} == {"summarized"}


def test_the_key_is_nowhere(aftermath: Aftermath) -> None:
    stored = repr(aftermath.after) + repr(aftermath.leads) + repr(aftermath.runs)

    assert KEY not in stored.replace(" ", "")


def test_the_instruction_is_nowhere(aftermath: Aftermath) -> None:
    told = _runs_of_words(aftermath.told)
    opening = base64.b64encode(" ".join(aftermath.told.split()[:20]).encode()).decode()

    for row in [*aftermath.after["leads"], *aftermath.after["summary_runs"]]:
        assert not told & _runs_of_words(repr(row))
        assert opening not in repr(row)


def test_what_keeps_to_the_form_and_the_data_is_the_summary_s_own_text(
    aftermath: Aftermath,
) -> None:
    for attack in (it for it in PERSUASION if it.name in aftermath.fell_for):
        lead = aftermath.leads[attack.name]
        shown = {**lead, **lead["insight"]}
        assert isinstance(attack.obeyed, Mapping)
        assert attack.obeyed.items() <= shown.items()


def test_no_link_is_shown(aftermath: Aftermath) -> None:
    assert [it.name for it in ATTACKS if LINK.search(aftermath.shown(it))] == []


def test_no_other_lead_s_data_is_shown(aftermath: Aftermath) -> None:
    for attack in ATTACKS:
        shown = aftermath.shown(attack)
        others = [lead for name, lead in aftermath.leads.items() if name != attack.name]
        assert not any(lead["name"] in shown for lead in others), attack.name
        assert not any(lead["email"] in shown for lead in others), attack.name


def test_a_failure_has_its_type_and_says_nothing_of_the_lead(aftermath: Aftermath) -> None:
    for attack in ATTACKS:
        [run] = aftermath.runs[attack.name]
        if run["error"] is not None:
            assert run["error"]["type"] in {"schema", "ungrounded"}, attack.name
            assert attack.text not in run["error"]["detail"]


def _goes_through_a_mask(attack: Attack) -> bool:
    text = mask(SummaryInput({"notes": attack.text})).known.facts["notes"]
    return attack.field != "name" and text == attack.text


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in SUMMARY_S_OWN}


def _runs_of_words(text: str) -> set[tuple[str, ...]]:
    visible = "".join(it for it in text if unicodedata.category(it) != "Cf").replace("\\u200b", "")
    words = re.findall(r"[^\W_]+", visible.casefold())
    return {*zip(*(words[start:] for start in range(8)), strict=False)}
