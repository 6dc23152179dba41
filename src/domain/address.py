"""What an e-mail address is, and when two of them are one."""

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

_ATOM, _LABEL = "[A-Za-z0-9_+-]+", "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[A-Za-z]{{2,63}})")
_MAX_LOCAL, _MAX_LENGTH = 64, 254
_RESERVED = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
"""What email-validator's special names end with."""


class NotAnAddress(ValueError):
    """With why, in words."""


def address_of(text: str) -> tuple[str, str]:
    """The address as it is shown (the writer's own local part) and its key.

    NotAnAddress if it is none.
    """
    return plain_address(text) or any_address(text)


def plain_address(text: str) -> tuple[str, str] | None:
    """As any_address of what nearly everybody has, in a fiftieth of its time; None of the rest."""
    found = _PLAIN.fullmatch(text)
    if found is None or len(text) > _MAX_LENGTH:
        return None
    local, domain = found[1], found[2].lower()
    if len(local) > _MAX_LOCAL or "--" in domain or domain.rpartition(".")[2] in _RESERVED:
        return None
    key = local.lower()
    if key != local and key.isalpha():
        return None  # it may be a mailbox whose name is shown in lower case, like info@
    return f"{local}@{domain}", f"{key}@{domain}"


def any_address(text: str) -> tuple[str, str]:
    """As address_of."""
    shown = _parsed(unicodedata.normalize("NFKC", text)).normalized
    return shown, email_key(shown)


def email_key(email: str) -> str:
    """The one key under which an address is unique, whatever its case or Unicode form.

    NFKC and lower case throughout, the domain as IDNA; plus-tags stay distinct.
    """
    local, _, domain = unicodedata.normalize("NFKC", email).rpartition("@")
    parsed = _parsed(f"{_folded(local)}@{domain}")
    return f"{_folded(parsed.local_part)}@{parsed.ascii_domain.lower()}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.lower())


def _parsed(address: str) -> "ValidatedEmail":
    # most addresses are plain, and its patterns take long to compile
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        return validate_email(
            address, check_deliverability=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from None
