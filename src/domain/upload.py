"""A file of leads that somebody sent: what is known about it before anyone has read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.lead_fields import TEXT_RULES

IMPORT = "import"
"""The source of leads from a file, unless told otherwise."""
CHUNK = 256 * 1024
"""Bytes of each staged piece of a file but its last."""
FILLED = {*TEXT_RULES, "status"} - {"source"}
"""The fields that a file may fill; what else it holds is passed over."""


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Upload:
    """`mapping` gives the field that a column or member fills, where its name does not tell."""

    format: FileFormat
    mapping: Mapping[str, str] = field(default_factory=dict)
