"""What is kept of rejected rows: as they were offered, within bounds, and fit for every reader."""

import json
from collections.abc import Mapping

import msgspec
import pytest

from domain.quarantine import CUT, MAX_KEPT, MAX_ROW_BYTES, QuarantinedRow, quarantined
from domain.sync import Reject

REASONS = ("name: required",)


def kept(row: Mapping[str, object]) -> QuarantinedRow:
    (found,) = quarantined([Reject(row, REASONS)], 0)
    return found


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_row_is_kept_as_it_was_offered() -> None:
    row = {"name": None, "tags": ["é", 1, 1.5, True], "more": {"a": {"b": False}}, "n": "\x00"}

    assert kept(row) == QuarantinedRow(1, row, REASONS)


def test_positions_go_on_where_the_batch_before_ended() -> None:
    rows = quarantined([Reject({"n": n}, REASONS) for n in range(3)], 7)

    assert [row.position for row in rows] == [8, 9, 10]


@pytest.mark.parametrize(("after", "room"), [(0, MAX_KEPT), (990, 10), (MAX_KEPT, 0)])
def test_only_the_first_rows_of_a_run_are_kept(after: int, room: int) -> None:
    many = [Reject({}, REASONS)] * (MAX_KEPT + 5)

    assert len(quarantined(many, after)) == room


@pytest.mark.parametrize("text", ["a", "é", '"', "\x01", "😀"])
def test_a_row_that_is_too_long_is_cut_to_its_beginning_and_marked(text: str) -> None:
    found = kept({"name": text * 9000})

    assert not found.is_whole
    (start,) = found.row.values()
    assert isinstance(start, str)
    assert start.startswith('{"name": "')
    assert list(found.row) == [CUT]
    size = len(json.dumps(found.row, ensure_ascii=False).encode())
    assert MAX_ROW_BYTES / 2 < size <= MAX_ROW_BYTES


def test_a_row_just_within_bounds_is_whole() -> None:
    row = {"name": "a" * (MAX_ROW_BYTES - len('{"name": ""}'))}

    assert kept(row).is_whole
    assert not kept({"name": f"{row['name']}a"}).is_whole


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        float("nan"),
        float("-inf"),
        [10**5000],
        -(2**63) - 1,
        b"\xff",
        {1: {2, 3}},
        {"\udfff": object()},
        deep(5000),
    ],
)
def test_what_json_cannot_say_is_kept_as_text(value: object) -> None:
    row = kept({"name": value, "\udfff": 1}).row

    assert msgspec.json.decode(msgspec.json.encode(row)) == row
