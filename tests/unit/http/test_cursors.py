"""Cursors go on where those of other versions of this program left off."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from itsdangerous import URLSafeSerializer
from litestar.exceptions import ClientException

from domain.ports import Position
from entrypoints.http.cursors import Cursors

LAST = Position(datetime(2026, 11, 30, 12, 0, 0, 123, tzinfo=UTC), UUID(int=7))
TOLD = ["a list", str(LAST.key), str(LAST.id)]
SIGNER = URLSafeSerializer("secret", salt="smart-crm.cursor.1")


def test_a_cursor_is_one_that_the_signer_reads() -> None:
    assert SIGNER.loads(Cursors("secret").at(LAST, "a list")) == TOLD


def test_a_cursor_that_the_signer_wrote_is_read_as_well() -> None:
    assert Cursors("secret").read(str(SIGNER.dumps(TOLD)), "a list") == LAST


def test_a_cursor_of_another_secret_is_refused() -> None:
    with pytest.raises(ClientException):
        Cursors("another").read(Cursors("secret").at(LAST, "a list"), "a list")


def test_each_list_and_each_place_has_a_cursor_of_its_own() -> None:
    cursors = Cursors("secret")
    later = Position(datetime(2026, 12, 1, tzinfo=UTC), LAST.id)
    others = [(LAST, "another"), (later, "a list"), (Position(LAST.key, UUID(int=8)), "a list")]

    told = [cursors.at(place, of_list) for place, of_list in [(LAST, "a list"), *others] * 2]

    assert told[:4] == told[4:]
    assert len(set(told)) == 4
