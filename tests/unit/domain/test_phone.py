"""Which phone numbers can be compared, and under which key."""

import pytest

from domain.phone import phone_key


@pytest.mark.parametrize(
    "phone",
    [
        "+49301234567", "+49 30 1234567", "0049 30 1234567", "+49 (0)30 123-45/67",
        "(+49) 30.123.45.67", "+49\u00a030\u20111234567", "00 49 30 1234567",
    ],
)  # fmt: skip
def test_one_number_has_one_key_however_it_is_written(phone: str) -> None:
    assert phone_key(phone) == "+49301234567"


@pytest.mark.parametrize(
    "phone",
    [
        None, "", "030 1234567", "(0) 30 1234567", "49 30 1234567", "+49 30 1", "+", "00",
        "+49 30 123 456 789 123 4", "+49 30 1234567 ext. 5", "+49 30 1234567, +49 30 7654321",
        "++49301234567", "+0301234567", "000301234567", "+\u0664\u0669301234567", "+49301234\u00b2",
        "ask Ada",
    ],
)  # fmt: skip
def test_what_is_no_international_number_has_none(phone: str | None) -> None:
    assert phone_key(phone) is None
