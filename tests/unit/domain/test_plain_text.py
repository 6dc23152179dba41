"""What is shown of a model's answer is nothing but words."""

import time

import pytest

from domain.plain_text import is_plain


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "hxxps://evil.example",
        "https\u200b://evil.example",
        "ｈｔｔｐｓ：／／evil.example",
        "https://аррӏе.example",
        "file:///etc/passwd",
        "//evil.example/x",
        r"\\evil\share",
        "www.evil.example",
        "ww\u2060w.evil.example",
        "evil.example/offer",
        "mailto:ada@example.com",
        "TEL:+15550109",
        "data:text/html,x",
        "javascript:alert(1)",
        "java\u00adscript:alert(1)",
        "[offer](evil)",
        "[offer][1]",
        "![](evil)",
        "<img src=x>",
        "<svg/onload=alert(1)",
        "＜script＞",
        "<!-- x",
        "</lead>",
    ],
)
def test_links_and_markup_are_found(link: str) -> None:
    assert not is_plain(f"See {link} now")


@pytest.mark.parametrize("formula", ["=1+1", " =cmd|'/C calc'!A0", "+SUM(A1)", "@SUM(A1)"])
def test_formulas_are_found(formula: str) -> None:
    assert not is_plain(formula)


@pytest.mark.parametrize(
    "text",
    [
        "Ada (ada@example.com) keeps engines.example.",
        "She asked [twice] for 50 % and/or a < b, i.e. less.",
        "Ada's plan: call at 10:30 - or later.",
        "José wants x = 3, 24/7; see note: data are missing.",
        "+44 20 7946 0018 is their number.",
        "- Ada asked.",
        "They look for a Node.js/React developer.",
        "",
    ],
)
def test_words_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("piece", ["a", "a.", "<a", "[", "www", "a:", "/", "\\", "a-"])
def test_a_long_text_takes_linear_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]

    started = time.process_time()
    is_plain(text)

    assert time.process_time() - started < 5
