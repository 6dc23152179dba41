"""Which member of a JSON object fills which field of a lead, by the names that people give them."""

from collections.abc import Mapping

from domain.upload import FILLED


def fields_of(row: Mapping[str, object], mapping: Mapping[str, str]) -> dict[str, object]:
    """What is not blank, as it is; a name may be written like `Job Title`.

    `mapping` gives the fields of members whose names do not tell.
    """
    fields: dict[str, object] = {}
    for name, value in row.items():
        field = mapping.get(name, name)
        if field not in FILLED and (field := _field_name(name)) not in FILLED:
            continue
        if value is not None and not (isinstance(value, str) and not value.strip()):
            fields[field] = value
    return fields


def _field_name(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
