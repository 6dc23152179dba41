"""Two sides are compared only where they do the same work."""

import httpx
import pytest

from bench.answers import must_be_alike

MADE = ("id",)


def a_lead(status: int = 200, **fields: object) -> httpx.Response:
    return httpx.Response(status, json={"id": 1, "name": "Ada", **fields})


def test_the_same_answer_is_the_same_work() -> None:
    must_be_alike(a_lead(), a_lead())


def test_what_each_side_makes_by_itself_may_differ() -> None:
    must_be_alike(a_lead(id=1), a_lead(id=2), but=MADE)


@pytest.mark.parametrize(
    "other", [a_lead(name="Bob"), a_lead(201), a_lead(more=1), httpx.Response(200, json={"id": 1})]
)
def test_anything_else_is_not_the_same_work(other: httpx.Response) -> None:
    with pytest.raises(ValueError, match="not the same work"):
        must_be_alike(a_lead(), other, but=MADE)
