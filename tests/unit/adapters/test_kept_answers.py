"""Answers with an ETag are kept for the next time, within bounds."""

import pytest

from adapters.lead_sources._kept_answers import Answer, KeptAnswers


def an_answer(size: int = 4, etag: str = '"1"') -> Answer:
    return Answer(b"x" * size, None, etag)


def test_the_latest_answer_of_a_url_is_kept() -> None:
    kept, latest = KeptAnswers(), an_answer(etag='"2"')
    kept.keep("/a", an_answer())
    kept.keep("/a", latest)

    assert (kept.of("/a"), kept.of("/b")) == (latest, None)


def test_the_oldest_make_room() -> None:
    kept = KeptAnswers(max_bytes=10)
    for url in ["/a", "/b", "/a", "/c"]:
        kept.keep(url, an_answer())

    assert [kept.of(url) is not None for url in ["/a", "/b", "/c"]] == [True, False, True]


def test_an_answer_that_is_larger_than_the_room_is_not_kept() -> None:
    kept = KeptAnswers(max_bytes=10)
    kept.keep("/a", an_answer(11))

    assert kept.of("/a") is None


@pytest.mark.parametrize("etag", ["", "\xe9", "a\x7fb"])
def test_an_answer_without_an_etag_that_could_be_sent_back_is_forgotten(etag: str) -> None:
    kept = KeptAnswers()
    kept.keep("/a", an_answer())
    kept.keep("/a", an_answer(etag=etag))

    assert kept.of("/a") is None
