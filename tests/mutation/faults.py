"""Every known fault: those of the original, and the opposites of our promises."""

from tests.mutation import (
    bad_days,
    budget,
    bulk_summaries,
    evaluating,
    export,
    feeds,
    grounding,
    imports,
    intake_merge,
    json_source,
    lead_api,
    masking,
    originals,
    promises,
    providers,
    quarantine,
    simulated,
    sources,
)
from tests.mutation.fault import Fault

FAULTS: list[Fault] = [
    *originals.FAULTS,
    *promises.FAULTS,
    *bad_days.FAULTS,
    *simulated.FAULTS,
    *lead_api.FAULTS,
    *budget.FAULTS,
    *bulk_summaries.FAULTS,
    *evaluating.FAULTS,
    *export.FAULTS,
    *feeds.FAULTS,
    *grounding.FAULTS,
    *imports.FAULTS,
    *intake_merge.FAULTS,
    *json_source.FAULTS,
    *masking.FAULTS,
    *providers.FAULTS,
    *quarantine.FAULTS,
    *sources.FAULTS,
]
