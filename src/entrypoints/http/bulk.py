"""Leads over HTTP by their e-mail and by the hundred: upsert, batch."""

from collections import Counter
from collections.abc import Sequence

from litestar import Response, Router, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import SkipValidation
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from domain.batch import Fate, LeadBatch
from domain.lead import Lead
from entrypoints.http.bodies import members
from entrypoints.http.bulk_schemas import (
    BATCH_RESULT,
    BatchCounts,
    BatchResult,
    LeadUpsert,
    NewBatch,
    RowResult,
)
from entrypoints.http.idempotency import Once
from entrypoints.http.parameters import Caller, CrmDependency
from entrypoints.http.preconditions import etag
from entrypoints.http.problems import problems
from entrypoints.lead_json import LeadView


@post(
    "/leads/upsert",
    operation_id="upsertLead",
    summary="Create a lead, or change the one that has its e-mail",
    responses={
        **problems(409, 413, 415, 422),
        200: ResponseSpec(
            LeadView, generate_examples=False, description="The lead that was there, as it is now"
        ),
    },
)
async def upsert_lead(
    crm: CrmDependency, caller: Caller, once: Once, data: SkipValidation[LeadUpsert]
) -> Response[LeadView]:
    """By the e-mail, in whatever spelling: 201 if it is new, 200 if it was there.

    Of a lead that was there only what is named changes; null clears what may be blank. If
    nothing is different, nothing is written. A deleted lead does not hold its e-mail.
    """
    fields = members(data)
    return await once(lambda receipt: crm.upsert_lead(fields, caller, receipt), _upserted)


def _upserted(result: tuple[Lead, bool]) -> Response[LeadView]:
    lead, is_new = result
    headers = {"etag": etag(lead.version)}
    if not is_new:
        return Response(LeadView.of(lead), status_code=HTTP_200_OK, headers=headers)
    headers["location"] = f"/leads/{lead.id}"
    return Response(LeadView.of(lead), status_code=HTTP_201_CREATED, headers=headers)


@post(
    "/leads/batch",
    operation_id="takeInBatch",
    summary="Create or upsert up to 500 leads",
    status_code=HTTP_200_OK,
    responses={
        **problems(409, 413, 415, 422),
        200: ResponseSpec(
            BatchResult,
            generate_examples=False,
            description="What became of each row",
            examples=[Example(value=BATCH_RESULT)],
        ),
    },
)
async def take_in_batch(
    crm: CrmDependency, caller: Caller, once: Once, data: SkipValidation[NewBatch]
) -> Response[BatchResult]:
    """One verdict for each row; a row that is broken or taken costs only itself.

    Rows count in their order. Of two with one e-mail the first makes the lead; the second is a
    `duplicate` of it or, with `upsert`, one more change to it. An e-mail or external id that
    is taken before the batch is taken for all of it. The body may hold 1 MiB.
    """
    batch = LeadBatch.of(members(data))

    def told(fates: Sequence[Fate]) -> Response[BatchResult]:
        result = BatchResult(
            results=[RowResult.of(row, fate) for row, fate in enumerate(fates)],
            counts=BatchCounts(**Counter(fate.verdict.value for fate in fates)),
            dry_run=batch.dry_run,
        )
        return Response(result)

    return await once(lambda receipt: crm.take_in_batch(batch, caller, receipt), told)


bulk_router = Router("/", route_handlers=[upsert_lead, take_in_batch], tags=["leads"])
