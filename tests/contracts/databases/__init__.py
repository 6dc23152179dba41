"""What every database promises."""

from tests.contracts.databases.ai_budget import AiBudgetContract
from tests.contracts.databases.bulk_summaries import BulkSummariesContract
from tests.contracts.databases.deleted import DeletedLeadsContract
from tests.contracts.databases.held_leads import HeldLeadsContract
from tests.contracts.databases.history import HistoryContract
from tests.contracts.databases.intake import IntakeContract
from tests.contracts.databases.leads import LeadsContract
from tests.contracts.databases.lists import ListsContract
from tests.contracts.databases.merging import MergingContract
from tests.contracts.databases.receipts import ReceiptsContract
from tests.contracts.databases.rejects import RejectsContract
from tests.contracts.databases.staged import StagedContract, UploadRunsContract
from tests.contracts.databases.summary_runs import SummaryRunsContract
from tests.contracts.databases.suppression import SuppressionContract
from tests.contracts.databases.sync_runs import SyncRunsContract
from tests.contracts.databases.sync_slots import SyncSlotsContract
from tests.contracts.databases.transactions import TransactionsContract


class DatabaseContract(
    TransactionsContract,
    LeadsContract,
    IntakeContract,
    DeletedLeadsContract,
    ListsContract,
    HeldLeadsContract,
    HistoryContract,
    SummaryRunsContract,
    BulkSummariesContract,
    SyncRunsContract,
    SyncSlotsContract,
    RejectsContract,
    StagedContract,
    UploadRunsContract,
    MergingContract,
    SuppressionContract,
    ReceiptsContract,
    AiBudgetContract,
):
    """Inherit it with the fixtures `database` and `hook`, the hook being the database's."""


__all__ = ["DatabaseContract"]
