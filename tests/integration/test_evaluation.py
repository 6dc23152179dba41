"""`smart-crm eval` as people run it: on the rules, on a Gemini in all moods, on their own cases."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from entrypoints.evaluation.golden import golden_cases
from tests.fakes.gemini import KEY, FakeGemini
from tests.processes import run_program

CASES = golden_cases()
SPARSE = sum(case.known.is_sparse for case in CASES)


@pytest.fixture
def gemini() -> Iterator[FakeGemini]:
    with FakeGemini() as fake:
        yield fake


def settings_for(gemini: FakeGemini) -> dict[str, str]:
    return {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": gemini.url, "NO_PROXY": "127.0.0.1"}


def ran(
    folder: Path, *options: str, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return run_program("eval", *options, environ=environ or {}, folder=folder)


def evaluation_in(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    (evaluation,) = json.loads(done.stdout)["evaluations"]
    return dict(evaluation)


def test_on_the_rules_it_is_content_with_every_case_without_a_database(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}

    done = ran(tmp_path, "--fail-under", "100", environ=away)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CASES)} cases: schema 100.0 %, grounded 100.0 %, expected 100.0 %" in done.stdout
    assert [case.id for case in CASES if case.id not in done.stdout] == []
    assert f"{len(CASES)}/{len(CASES)}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_honest_model_is_grounded_and_its_tokens_and_cost_are_counted(
    tmp_path: Path, gemini: FakeGemini
) -> None:
    priced = {**settings_for(gemini), "CRM_AI_PRICES": "gemini-3.8-flash=1.00/0"}

    done = ran(tmp_path, "--json", environ=priced)

    evaluation = evaluation_in(done)
    assert done.returncode == 0
    assert (evaluation["summarizer"], evaluation["schema"]) == ("gemini", 100)
    assert evaluation["grounded"] == 100, [c for c in evaluation["cases"] if not c["grounded"]]
    assert min(evaluation["input_tokens"], evaluation["output_tokens"]) > len(CASES)
    assert evaluation["cost_micros"] == evaluation["input_tokens"]
    assert list(tmp_path.iterdir()) == []
    assert (evaluation["left_out"], len(gemini.mood.calls)) == (SPARSE, len(CASES) - SPARSE)


def test_a_lying_model_is_told_as_such(tmp_path: Path, gemini: FakeGemini) -> None:
    gemini.mood.misbehave("lying")

    evaluation = evaluation_in(ran(tmp_path, "--json", environ=settings_for(gemini)))

    assert (evaluation["schema"], evaluation["grounded"]) == (100, 0)
    problems = [problem for case in evaluation["cases"] for problem in case["problems"]]
    assert any(problem.startswith("ungrounded: number in ") for problem in problems)


def test_a_model_below_the_bar_fails_only_where_there_is_a_bar(
    tmp_path: Path, gemini: FakeGemini
) -> None:
    gemini.mood.misbehave("wrong_schema")

    environ = settings_for(gemini)
    done = [ran(tmp_path, *bar, environ=environ) for bar in ((), ("--fail-under", "90"))]

    assert [run.returncode for run in done] == [0, 1]
    assert "schema 0.0 %" in done[1].stdout


def test_a_model_that_hangs_is_waited_for_as_long_as_set(
    tmp_path: Path, gemini: FakeGemini
) -> None:
    gemini.mood.misbehave("hang")
    hurried = {
        **settings_for(gemini), "CRM_SUMMARY_TIMEOUT": "500ms", "CRM_SUMMARY_CONCURRENCY": "60",
    }  # fmt: skip

    evaluation = evaluation_in(ran(tmp_path, "--json", environ=hurried))

    assert {tuple(case["problems"]) for case in evaluation["cases"]} == {("failed: timeout",)}


def test_one_summarizer_may_be_chosen_over_those_that_are_configured(
    tmp_path: Path, gemini: FakeGemini
) -> None:
    chain = {**settings_for(gemini), "CRM_SUMMARIZER": "gemini,rules"}

    both = json.loads(ran(tmp_path, "--json", environ=chain).stdout)["evaluations"]
    one = evaluation_in(ran(tmp_path, "--json", "--summarizer", "rules", environ=chain))

    assert [evaluation["summarizer"] for evaluation in both] == ["gemini", "rules"]
    assert one["summarizer"] == "rules"


def test_cases_of_ones_own_are_tried(tmp_path: Path) -> None:
    golden = tmp_path / "mine.json"
    facts = {"name": "Ada Lovelace", "email": "ada@example.com", "notes": "Wants a demo"}
    expect = {"types": ["none"], "must_mention": ["Babbage"]}
    case = {"id": "mine", "facts": facts, "expect": expect}
    golden.write_text(json.dumps({"cases": [case]}))

    evaluation = evaluation_in(ran(tmp_path, "--json", "--golden", str(golden)))

    assert evaluation["cases"][0]["problems"] == [
        "not expected: is demo", "not expected: lacks 'Babbage'",
    ]  # fmt: skip


def test_a_file_without_cases_is_told_in_a_line(tmp_path: Path) -> None:
    golden = tmp_path / "mine.json"
    golden.write_text("[]")

    done = ran(tmp_path, "--golden", str(golden))

    assert done.returncode == 2
    assert done.stderr.startswith("smart-crm: ")
    assert "mine.json" in done.stderr
    assert "Traceback" not in done.stderr
