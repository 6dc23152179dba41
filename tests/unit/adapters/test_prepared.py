"""Rows of the driver come out as the types of their columns have it."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from adapters.databases.sql.json_text import JsonText
from adapters.databases.sql.prepared import Prepared

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer),
    Column("one", JsonText(dict[str, int])),
    Column("two", JsonText(list[int])),
)


@pytest.mark.parametrize(
    ("came", "meant"),
    [
        ((1, None, None), (1, None, None)),
        ((1, '{"a": 1}', None), (1, {"a": 1}, None)),
        ((1, None, "[2]"), (1, None, [2])),
        ((1, '{"a": 1}', "[2]"), (1, {"a": 1}, [2])),
    ],
)
def test_whatever_is_not_null_is_converted(
    came: tuple[object, ...], meant: tuple[object, ...]
) -> None:
    [row] = Prepared(select(*THINGS.c)).rows([came])

    assert tuple(row) == meant


def test_one_column_alone_is_converted_as_well() -> None:
    rows = Prepared(select(THINGS.c.two)).rows([("[2]",), (None,)])

    assert [tuple(row) for row in rows] == [([2],), (None,)]
