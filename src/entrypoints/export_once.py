"""One export from the command line, straight from the database."""

from typing import BinaryIO

from domain.lead_list import LeadFilter
from domain.upload import FileFormat
from entrypoints.container import opened
from entrypoints.http.lead_lines import first_line, lead_lines
from entrypoints.settings import Settings


async def export_once(
    settings: Settings, wanted: LeadFilter, form: FileFormat, out: BinaryIO, *, bom: bool
) -> None:
    """Write all leads that are wanted, newest first; DatabaseUnavailable, with a part written.

    A running server on the same database may go on: this only reads.
    """
    async with opened(settings) as system:
        out.write(first_line(form, bom=bom))
        async for leads in system.crm.export_leads(wanted):
            out.write(lead_lines(leads, form))
    out.flush()
