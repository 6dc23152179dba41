"""Everything that the system does, on one page."""

from dataclasses import dataclass

from application.await_run import AwaitRun, FollowRun
from application.change_lead import ChangeLead, DeleteLead, RestoreLead
from application.check_health import CheckHealth
from application.create_lead import CreateLead
from application.export_leads import ExportLeads
from application.get_lead import GetLead
from application.import_leads import ImportLeads, PurgeUploads
from application.lead_history import AddActivity, ListActivities, ReadTimeline
from application.list_leads import ListLeads
from application.quarantine import ListRejects, PurgeRejects, RetryRejects
from application.read_ai_usage import ReadAiUsage
from application.read_summary_runs import DiffSummaryRun, GetSummaryRun, ListSummaryRuns
from application.read_sync_runs import GetSyncRun, ListSyncRuns
from application.receipts import PurgeReceipts
from application.request_summary import RequestSummary, RequeueSummary
from application.run_summary import RunSummaries
from application.summarize_leads import GetBulkSummary, SummarizeLeads
from application.sync_leads import RunSyncs, StartSync
from application.take_in_batch import TakeInBatch
from application.upsert_lead import UpsertLead


@dataclass(frozen=True, slots=True)
class Crm:
    create_lead: CreateLead
    get_lead: GetLead
    list_leads: ListLeads
    export_leads: ExportLeads
    change_lead: ChangeLead
    delete_lead: DeleteLead
    restore_lead: RestoreLead
    upsert_lead: UpsertLead
    take_in_batch: TakeInBatch

    read_timeline: ReadTimeline
    add_activity: AddActivity
    list_activities: ListActivities

    request_summary: RequestSummary
    requeue_summary: RequeueSummary
    summarize_leads: SummarizeLeads
    get_bulk_summary: GetBulkSummary
    get_summary_run: GetSummaryRun
    list_summary_runs: ListSummaryRuns
    diff_summary_run: DiffSummaryRun
    await_run: AwaitRun
    follow_run: FollowRun
    run_summaries: RunSummaries
    read_ai_usage: ReadAiUsage

    start_sync: StartSync
    get_sync_run: GetSyncRun
    list_sync_runs: ListSyncRuns
    run_syncs: RunSyncs
    import_leads: ImportLeads
    list_rejects: ListRejects
    retry_rejects: RetryRejects

    purge_receipts: PurgeReceipts
    purge_rejects: PurgeRejects
    purge_uploads: PurgeUploads

    check_health: CheckHealth
