"""Phone numbers, as far as one can be told to be another."""

_SEPARATORS = dict.fromkeys(map(ord, " \t\xa0\u2009\u202f-\u2010\u2011\u2012\u2013./()"))
_MIN_DIGITS, _MAX_DIGITS = 8, 15


def phone_key(phone: str | None) -> str | None:
    """The number in E.164, of one that is written in the international form; else None.

    That is `+` or `00` and 8 to 15 digits, whatever parts them; a `(0)` is for those at home.
    """
    if phone is None:
        return None
    number = phone.replace("(0)", "").translate(_SEPARATORS)
    if number.startswith("+"):
        digits = number[1:]
    elif number.startswith("00"):
        digits = number[2:]
    else:
        return None
    if not (_MIN_DIGITS <= len(digits) <= _MAX_DIGITS and digits.isascii() and digits.isdigit()):
        return None
    return None if digits[0] == "0" else f"+{digits}"
