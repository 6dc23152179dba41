"""CSV that spreadsheets do not run, and that gives back what was written."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.formulas import as_it_was, defused
from entrypoints.http.csv_text import lines

FORMULAS = ["=1+1", "+49 30 1234", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1"]
TRICKY = st.text(st.sampled_from("'=+-@\t\r\n\uff1d\", ;ab9\u00e4"), max_size=6)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ada", "a=1", "1-2", "'tis", " =1", "O'Neill"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == as_it_was(text) == text


@given(TRICKY)
def test_every_text_comes_back(text: str) -> None:
    assert as_it_was(defused(text)) == text


@given(TRICKY)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))


@given(st.lists(st.lists(TRICKY, min_size=2, max_size=3), max_size=3))
def test_a_reader_of_csv_gets_the_rows_back(rows: list[list[str]]) -> None:
    read = csv.reader(StringIO(lines(rows).decode(), newline=""), strict=True)

    assert [[as_it_was(field) for field in row] for row in read] == rows


def test_lines_end_with_crlf_and_quote_only_what_needs_it() -> None:
    assert lines([["a", 'b "c"'], ["d,e", "f\ng"]]) == b'a,"b ""c"""\r\n"d,e","f\ng"\r\n'


def test_half_a_surrogate_pair_breaks_no_file() -> None:
    assert lines([["a\ud800", ""]]) == b"a?,\r\n"
