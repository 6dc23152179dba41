"""What an e-mail address is: the short way tells of plain ones what the long way would."""

from itertools import product

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
from hypothesis import given
from hypothesis import strategies as st

from domain.address import NotAnAddress, address_of, any_address, plain_address

LOCALS = [
    "ada", "Ada", "a", "A.b", "ada.lovelace", ".ada", "ada.", "a..b", "-", "_", "+", "a+b",
    "x" * 64, "x" * 65, "a'b", "a b", '"a"', "ad\u00e4", "", "info\u017f", "<a",
    *(name.title() for name in CASE_INSENSITIVE_MAILBOX_NAMES),
]  # fmt: skip
DOMAINS = [
    "example.com", "EXAMPLE.Com", "a.b", "x.y1", "x.1", "1.de", "-a.de", "a-.de", "a-b.de",
    "a--b.de", "ab--c.de", "xn--bcher-kva.de", "XN--x.de", "a.de.", ".de", "a..de", "de", "a_b.de",
    "\u212aa.de",
    f"{'l' * 63}.de", f"{'l' * 64}.de", f"x.{'l' * 63}", f"x.{'l' * 64}", f"{'abcde.' * 40}com",
    f"{'abcdefghi.' * 25}com", "[127.0.0.1]", "b\u00fccher.de", "a.de>",
    *(f"sub.{name}" for name in SPECIAL_USE_DOMAIN_NAMES),
    *(name.upper() for name in SPECIAL_USE_DOMAIN_NAMES),
]  # fmt: skip
SHORT = st.text("aZ09.-_+@xn", max_size=80)
LIKELY = st.from_regex(
    r"[a-zA-Z0-9.+_-]{1,66}@([a-zA-Z0-9-]{1,64}\.){1,4}[a-zA-Z]{1,9}", fullmatch=True
)


def as_long(text: str) -> tuple[str, str] | None:
    try:
        return any_address(text)
    except NotAnAddress:
        return None


def test_what_is_plain_is_what_the_long_way_says() -> None:
    addresses = [f"{local}@{domain}" for local, domain in product(LOCALS, DOMAINS)]

    plain = {text: found for text in addresses if (found := plain_address(text))}

    assert plain == {text: as_long(text) for text in plain}
    assert len(plain) > 50


@given(st.one_of(SHORT, LIKELY, st.text(), st.builds("{}@{}".format, SHORT, SHORT)))
def test_whatever_is_plain_is_what_the_long_way_says(text: str) -> None:
    assert plain_address(text) in (None, as_long(text))


@pytest.mark.parametrize(
    "text", ["ada@example.com", "Ada.Lovelace+crm@Mail.Example.co.uk", "X1@a.de"]
)
def test_the_long_way_is_not_gone_for_what_nearly_everybody_has(text: str) -> None:
    assert plain_address(text) == any_address(text)


def test_who_is_not_plain_goes_the_long_way() -> None:
    assert address_of("Info@b\u00fccher.example") == (
        "info@b\u00fccher.example",
        "info@xn--bcher-kva.example",
    )


def test_a_long_text_is_looked_at_once() -> None:
    assert plain_address("a" * 100_000 + "@" + "a-" * 100_000 + "!") is None


def test_all_that_is_plain_is_ascii() -> None:
    others = (chr(code) for code in (*range(0x80, 0x2200), *range(0xFF00, 0xFFF0)))

    assert not [c for c in others if plain_address(f"a{c}@b.de") or plain_address(f"a@b{c}.de")]
