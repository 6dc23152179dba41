"""The page, the picture and the figures, which stay true to each other from run to run."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import report
from bench.picture import LEFT, SCALE, picture
from bench.report import known, write
from bench.table import Bar, Line

SVG = "{http://www.w3.org/2000/svg}"
READ = Line(work="GET <id>", ours=6, unit="/s", limit=10, against="raw", ratio=0.6, bar=Bar(0.5))
POST = Line(work="POST", ours=3, unit="/s", limit=10, against="bare", ratio=0.3, bar=Bar(0.5))
IDLE = Line(work="idle", ours=90, unit="MB", bar=Bar(110, at_most=True))


def test_the_picture_has_a_bar_as_long_as_the_ratio_and_a_mark_where_it_should_be() -> None:
    root = ET.fromstring(picture([READ, POST, IDLE]))
    bars = list(root.iter(f"{SVG}rect"))
    assert [bar.get("class") for bar in bars] == ["holds", "fails"]
    lengths = [float(bar.get("width", "")) for bar in bars]
    assert lengths == pytest.approx([SCALE * 0.6, SCALE * 0.3], abs=0.1)
    marks = [m for m in root.iter(f"{SVG}line") if m.get("class") == "mark"]
    assert [float(m.get("x1", "")) for m in marks] == pytest.approx([LEFT + SCALE * 0.5] * 2)
    assert "prefers-color-scheme: dark" in "".join(root.itertext())


def test_a_ratio_far_above_one_does_not_leave_the_picture() -> None:
    many = Line(work="rows", ours=50, unit="/s", limit=1, against="one", ratio=50, bar=Bar(20))
    root = ET.fromstring(picture([many]))
    width = float((root.get("viewBox") or "").split()[2])
    for rect in root.iter(f"{SVG}rect"):
        assert float(rect.get("x", "")) + float(rect.get("width", "")) < width
    assert "50.00 (≥ 20)" in "".join(root.itertext())


@pytest.fixture(autouse=True)
def _no_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "versions", lambda: "Python 3")
    monkeypatch.setattr(report, "machine", lambda: "a machine")


def test_one_bench_that_is_run_again_leaves_the_lines_of_the_others(tmp_path: Path) -> None:
    order = ["read", "post"]
    write(tmp_path, {"post": [POST]}, order, 0.2)
    write(tmp_path, {"read": [READ]}, order, 0.2)
    figures = known(tmp_path)
    assert figures is not None
    assert figures.lines() == [READ, POST]
    page = (tmp_path / "bench.md").read_text()
    assert "| GET <id> | 6.00 /s | 10.0 (raw) | 0.60 | ≥ 0.5 | holds |" in page
    assert "| POST | 3.00 /s |" in page
    assert "a machine" in page


def test_another_machine_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"post": [POST]}, ["read", "post"], 0.2)
    monkeypatch.setattr(report, "machine", lambda: "another machine")
    figures = write(tmp_path, {"read": [READ]}, ["read", "post"], 0.2)
    assert figures.lines() == [READ]
