"""Taking leads in from a file: staged while it comes in, then worked off like a sync."""

from typing import Annotated, Literal, cast

from litestar import Response, Router, post
from litestar.exceptions import ClientException
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_202_ACCEPTED

from domain.errors import FieldProblem
from domain.lead_fields import checked_text
from domain.upload import FILLED, IMPORT, FileFormat, Upload
from entrypoints.http.asgi import Scope
from entrypoints.http.body_stream import BodyStream, Incoming, format_of
from entrypoints.http.idempotency import HEADER
from entrypoints.http.lead_query import SOURCE_RULE
from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.problems import problems
from entrypoints.http.schemas import SyncRunView
from entrypoints.http.sync import started

MAX_MAPPING = 2_000
_FIELD = "|".join(sorted(FILLED))
_LETTER = r"=,\u0000-\u001f\u007f-\u00a0\u2028\u2029"
_PAIR = f"[^{_LETTER} ][^{_LETTER}]*=({_FIELD})"
MAPPING = f"^{_PAIR}(,{_PAIR})*$"


@post(
    "/leads/import",
    operation_id="importLeads",
    summary="Import leads from a file",
    status_code=HTTP_202_ACCEPTED,
    opt={"parameters": ("source", "dry_run", "mapping")},
    responses=problems(413, 415, 429),
)
async def import_leads(
    request: AnyRequest,
    crm: CrmDependency,
    source: Annotated[
        str,
        QueryParameter(
            description="What the leads have as their `source`",
            schema_extra={"minLength": 1, "maxLength": SOURCE_RULE.max_length},
        ),
    ] = IMPORT,
    dry_run: Annotated[
        Literal["true", "false"],
        QueryParameter(description="Whether to count only what would happen, and write no lead"),
    ] = "false",
    mapping: Annotated[
        str | None,
        QueryParameter(
            description="Which fields columns fill whose names do not tell, as"
            " `E-mail=email,Full name=name`",
            schema_extra={"pattern": MAPPING, "maxLength": MAX_MAPPING},
        ),
    ] = None,
) -> Response[SyncRunView]:
    """CSV with a header, or NDJSON with a lead on each line, in UTF-8; CSV with its mark in UTF-16.

    Answers when the file is stored. The run over it shows how far it is, and keeps the rows that
    it rejects like that of a sync; any number of them wait for their turn. To send a file twice
    does no harm, so no `Idempotency-Key` is taken here.
    """
    incoming, limit = Incoming(request.receive), request.app.state.import_max
    try:
        _refuse_key(request)
        name, fields = _source(source), _fields(mapping)
        upload = Upload(format_of(cast("Scope", request.scope), limit), fields)
        # JSON is never anything but UTF-8
        pieces = BodyStream(incoming, limit, may_be_utf_16=upload.format is FileFormat.CSV)
        with request.app.state.imports.place():
            run = await crm.import_leads(pieces(), upload, name, dry_run=dry_run == "true")
    except Exception:
        await incoming.pass_over()
        raise
    return started(run)


def _refuse_key(request: AnyRequest) -> None:
    if HEADER in request.headers:
        raise ClientException(f"{HEADER}: not taken for imports, which do no harm if sent again")


def _source(given: str) -> str:
    wrong: list[FieldProblem] = []
    name = checked_text("source", SOURCE_RULE, given, wrong)
    if name is None:
        raise ClientException("; ".join(problem.detail for problem in wrong))
    return name


def _fields(mapping: str | None) -> dict[str, str]:
    """By column; of two fields for one column, the last."""
    fields = {}
    for pair in (mapping or "").split(",") if mapping is not None else ():
        column, _, field = pair.partition("=")
        if not column.strip(" ") or field not in FILLED or len(pair) > MAX_MAPPING:
            known = ", ".join(sorted(FILLED))
            raise ClientException(f"mapping: give column=field,…; the fields are: {known}")
        fields[column.strip(" ")] = field
    return fields


imports_router = Router("/", route_handlers=[import_leads], tags=["leads"])
