"""The composition root: the one page that wires the system, the only one that knows adapters."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from dependency_injector import containers, providers

from adapters.caches.memory import MemoryCache
from adapters.caches.none import NoCache
from adapters.databases.sql.schema import check, upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from adapters.job_queues.in_process import InProcessJobQueue
from adapters.lead_sources.file import FileSource, ReadUpload
from adapters.rate_limits.memory import MemoryRateLimit
from adapters.rate_limits.none import NoRateLimit
from adapters.system import SystemClock, SystemJitter, UuidV7Ids
from application.ai_gate import AiGate
from application.attempt import Ask, Attempt
from application.await_run import AwaitRun, FollowRun
from application.change_lead import ChangeLead, DeleteLead, RestoreLead
from application.check_health import CheckHealth
from application.create_lead import CreateLead
from application.crm import Crm
from application.export_leads import ExportLeads
from application.get_lead import GetLead
from application.import_leads import ImportLeads, PurgeUploads
from application.last_syncs import LastSyncs
from application.lead_cache import LeadCache
from application.lead_history import AddActivity, ListActivities, ReadTimeline
from application.list_leads import ListLeads
from application.merge_leads import MergeLeads
from application.ports import Bell, Probe
from application.quarantine import ListRejects, PurgeRejects, RetryRejects
from application.read_ai_usage import ReadAiUsage
from application.read_summary_runs import DiffSummaryRun, GetSummaryRun, ListSummaryRuns
from application.read_sync_runs import GetSyncRun, ListSyncRuns
from application.receipts import PurgeReceipts
from application.request_summary import RequestSummary, RequeueSummary
from application.run_summary import RunSummaries
from application.run_watch import RunWatch
from application.spending import Spending, Throttle
from application.summarize_leads import GetBulkSummary, SummarizeLeads
from application.sync_leads import RunSyncs, StartSync
from application.take_in_batch import TakeInBatch
from application.upsert_lead import UpsertLead
from application.worker import Pace, Worker
from domain.ports import LeadSource, Summarizer
from domain.summary import RetryPolicy, SummaryRun
from domain.summary_input import SummaryInput
from domain.sync import SyncRun
from entrypoints.lead_json import encode_lead
from entrypoints.plugins import take_plugins
from entrypoints.settings import InvalidSettings, Secret, Settings

if TYPE_CHECKING:
    import saq

    from adapters.job_queues.saq import SaqJobQueue
    from application.evaluate import Evaluate

A = TypeVar("A")


def _revealed(secret: Secret | None) -> str | None:
    return secret.value if secret else None


def _at(place: str, room: str = "adapters") -> Callable[..., Any]:
    """Calls what is at `module:name` of that room, which only those import that need it."""
    module, name = place.split(":")

    def call(*values: object, **named: object) -> Any:
        return getattr(import_module(f"{room}.{module}"), name)(*values, **named)

    return call


class _WhenAsked:
    """The chain of summarizers, made when it is first asked: an API never does."""

    def __init__(self, chain: Callable[[], Ask]) -> None:
        self._chain = chain

    async def __call__(self, known: SummaryInput) -> Attempt:
        return await self._chain()(known)


class _Named(Mapping[str, A]):
    """Those adapters that a setting names, in its order, each made when it is first asked for."""

    def __init__(self, names: tuple[str, ...], make: Callable[[str], A]) -> None:
        self._names = names
        self._make = make

    def __getitem__(self, name: str) -> A:
        if name not in self._names:
            raise KeyError(name)
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _following(told: tuple[str, ...]) -> Any:
    return _at("lead_sources.json:Following")(*told)


def _probes(**parts: object) -> Mapping[str, Probe]:
    """Those parts that can be away."""
    return {name: part for name, part in parts.items() if isinstance(part, Probe)}


class Container(containers.DeclarativeContainer):
    """Reads as a sentence: the cache is, by the setting `cache`, redis, tiered, memory or none."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(UuidV7Ids)
    jitter = providers.Singleton(SystemJitter)

    cache = providers.Selector(
        settings.provided.cache,
        redis=providers.Singleton(_at("caches.redis:RedisCache"), settings.provided.redis_url),
        tiered=providers.Singleton(
            _at("caches.tiered:TieredCache"),
            shared=providers.Singleton(_at("caches.redis:RedisCache"), settings.provided.redis_url),
        ),
        memory=providers.Singleton(MemoryCache),
        none=providers.Singleton(NoCache),
    )
    lead_cache = providers.Singleton(
        LeadCache, cache=cache, encode=providers.Object(encode_lead), ids=ids, jitter=jitter
    )
    database = providers.Selector(
        settings.provided.database,
        sql=providers.Singleton(SqlDatabase, settings.provided.database_url, hook=lead_cache),
        memory=providers.Singleton(_at("databases.memory:MemoryDatabase"), clock, hook=lead_cache),
    )
    jobs = providers.Selector(
        settings.provided.jobs,
        saq=providers.Singleton(_at("job_queues.saq:SaqJobQueue"), settings.provided.redis_url),
        in_process=providers.Singleton(InProcessJobQueue),
    )
    rate_limit = providers.Selector(
        settings.provided.rate_limit,
        redis=providers.Singleton(
            _at("rate_limits.redis:RedisRateLimit"),
            settings.provided.redis_url,
            settings.provided.ai_rate,
            lasts=settings.provided.summary_timeout,
        ),
        memory=providers.Singleton(
            MemoryRateLimit, settings.provided.ai_rate, lasts=settings.provided.summary_timeout
        ),
        none=providers.Singleton(NoRateLimit),
    )
    throttle = providers.Singleton(Throttle, rate_limit=rate_limit, ids=ids)
    spending = providers.Singleton(
        Spending,
        unit_of_work=database,
        clock=clock,
        prices=settings.provided.prices,
        caps=settings.provided.daily_caps,
    )
    summarizer: providers.Aggregate[Summarizer] = providers.Aggregate(
        gemini=providers.Singleton(
            _at("summarizers.gemini:GeminiSummarizer"),
            api_key=providers.Callable(_revealed, settings.provided.gemini_api_key),
            model=settings.provided.gemini_model,
            base_url=settings.provided.gemini_base_url,
            timeout=settings.provided.summary_timeout,
        ),
        openai=providers.Singleton(
            _at("summarizers.openai:OpenAISummarizer"),
            api_key=providers.Callable(_revealed, settings.provided.openai_api_key),
            model=settings.provided.openai_model,
            base_url=settings.provided.openai_base_url,
            timeout=settings.provided.summary_timeout,
        ),
        rules=providers.Singleton(_at("summarizers.rules:RulesSummarizer")),
    )
    summarizers = providers.Singleton(_Named, settings.provided.summarizers, summarizer.provider)
    gate = providers.Singleton(AiGate, spending=spending, links=summarizers)
    chain = providers.Singleton(
        _at("summarizer_chain:SummarizerChain", "application"),
        links=summarizers,
        for_sparse=summarizer.rules,
        ask=providers.Singleton(
            _at("ask_summarizer:AskSummarizer", "application"),
            spending=spending,
            throttle=throttle,
            masks=settings.provided.ai_mask_pii,
        ),
    )
    evaluate = providers.Singleton(
        _at("evaluate:Evaluate", "application"),
        summarizers=summarizers,
        check=providers.Object(_at("grounding:ungrounded", "domain")),
        concurrency=settings.provided.summary_concurrency,
        cost=spending.provided.cost_of,
    )
    lead_source: providers.Aggregate[LeadSource] = providers.Aggregate(
        randomuser=providers.Singleton(
            _at("lead_sources.randomuser:RandomUserSource"),
            url=settings.provided.randomuser_url,
            size=settings.provided.sync_size,
            allow_private=settings.provided.source_allow_private,
        ),
        json=providers.Singleton(
            _at("lead_sources.json:JsonSource"),
            url=settings.provided.json_url,
            items=settings.provided.json_items,
            fields=settings.provided.json_fields,
            headers=settings.provided.json_headers,
            following=providers.Callable(_following, settings.provided.json_next),
            since=settings.provided.json_since,
            allow_private=settings.provided.source_allow_private,
        ),
        file=providers.Singleton(FileSource, settings.provided.lead_file),
    )
    lead_sources = providers.Singleton(_Named, settings.provided.lead_sources, lead_source.provider)

    run_watch = providers.Singleton(RunWatch, unit_of_work=database)

    crm = providers.Singleton(
        Crm,
        create_lead=providers.Factory(CreateLead, unit_of_work=database, clock=clock, ids=ids),
        get_lead=providers.Factory(GetLead, unit_of_work=database, lead_cache=lead_cache),
        list_leads=providers.Factory(ListLeads, unit_of_work=database),
        export_leads=providers.Factory(ExportLeads, unit_of_work=database),
        change_lead=providers.Factory(ChangeLead, unit_of_work=database, clock=clock, ids=ids),
        delete_lead=providers.Factory(DeleteLead, unit_of_work=database, clock=clock, ids=ids),
        restore_lead=providers.Factory(RestoreLead, unit_of_work=database, clock=clock, ids=ids),
        upsert_lead=providers.Factory(UpsertLead, unit_of_work=database, clock=clock, ids=ids),
        take_in_batch=providers.Factory(TakeInBatch, unit_of_work=database, clock=clock, ids=ids),
        read_timeline=providers.Factory(ReadTimeline, unit_of_work=database),
        add_activity=providers.Factory(AddActivity, unit_of_work=database, clock=clock, ids=ids),
        list_activities=providers.Factory(ListActivities, unit_of_work=database),
        request_summary=providers.Factory(
            RequestSummary,
            unit_of_work=database,
            jobs=jobs,
            clock=clock,
            ids=ids,
            gate=gate,
        ),
        requeue_summary=providers.Factory(
            RequeueSummary, unit_of_work=database, jobs=jobs, clock=clock
        ),
        summarize_leads=providers.Factory(
            SummarizeLeads, unit_of_work=database, jobs=jobs, clock=clock, ids=ids, gate=gate
        ),
        get_bulk_summary=providers.Factory(GetBulkSummary, unit_of_work=database),
        get_summary_run=providers.Factory(GetSummaryRun, unit_of_work=database),
        list_summary_runs=providers.Factory(ListSummaryRuns, unit_of_work=database),
        diff_summary_run=providers.Factory(DiffSummaryRun, unit_of_work=database),
        await_run=providers.Factory(AwaitRun, watch=run_watch),
        follow_run=providers.Factory(FollowRun, watch=run_watch),
        run_summaries=providers.Factory(
            RunSummaries,
            unit_of_work=database,
            ask=providers.Factory(_WhenAsked, chain.provider),
            clock=clock,
            ids=ids,
            jitter=jitter,
            retries=providers.Factory(
                RetryPolicy,
                max_attempts=settings.provided.summary_attempts,
                base=settings.provided.summary_retry_base,
            ),
            progressed=run_watch.provided.look_soon,
        ),
        read_ai_usage=providers.Factory(
            ReadAiUsage, unit_of_work=database, clock=clock, caps=settings.provided.daily_caps
        ),
        start_sync=providers.Factory(
            StartSync, unit_of_work=database, jobs=jobs, clock=clock, ids=ids, sources=lead_sources
        ),
        get_sync_run=providers.Factory(GetSyncRun, unit_of_work=database),
        list_sync_runs=providers.Factory(ListSyncRuns, unit_of_work=database),
        run_syncs=providers.Factory(
            RunSyncs,
            unit_of_work=database,
            merge_leads=providers.Factory(MergeLeads, unit_of_work=database, clock=clock, ids=ids),
            clock=clock,
            ids=ids,
            sources=lead_sources,
            read_upload=providers.Singleton(ReadUpload),
        ),
        import_leads=providers.Factory(
            ImportLeads, unit_of_work=database, jobs=jobs, clock=clock, ids=ids
        ),
        list_rejects=providers.Factory(ListRejects, unit_of_work=database),
        retry_rejects=providers.Factory(
            RetryRejects, unit_of_work=database, jobs=jobs, clock=clock, ids=ids
        ),
        purge_receipts=providers.Factory(PurgeReceipts, unit_of_work=database),
        purge_rejects=providers.Factory(PurgeRejects, unit_of_work=database),
        purge_uploads=providers.Factory(PurgeUploads, unit_of_work=database),
        check_health=providers.Factory(
            CheckHealth,
            database=database,
            others=providers.Callable(_probes, cache=cache, jobs=jobs),
            last_syncs=providers.Factory(
                LastSyncs, unit_of_work=database, sources=settings.provided.lead_sources
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class System:
    """What one process runs on: the use cases, and the workers over them."""

    crm: Crm
    summaries: Worker[SummaryRun]
    syncs: Worker[SyncRun]
    saq_queue: "Callable[[], saq.Queue] | None"
    """The queue on which bells arrive, where SAQ is the doorbell."""
    warm_up: Callable[[], Awaitable[None]]
    """Get ready for a crowd of requests."""


@asynccontextmanager
async def opened(settings: Settings, *, works: bool = True) -> AsyncIterator[System]:
    """The system by these settings, closed at the end; SchemaMismatch, InvalidSettings.

    Only what the settings select is made, and lead sources only by who `works`: others take
    requests for syncs, and need no more than their names.
    """
    if settings.database == "sql":
        await check(settings.database_url)
    container = Container(settings=settings)
    take_plugins(container, settings)
    parts = (
        container.run_watch(),
        container.cache(),
        container.jobs(),
        container.rate_limit(),
        container.database(),
    )
    if works:
        # before there is work, as its patterns take long to compile
        container.chain()
    sources = container.lead_sources().values() if works else ()
    named = (*container.summarizers().values(), *sources)
    async with AsyncExitStack() as stack:
        for part in (*parts[::-1], *named):
            if hasattr(part, "close"):
                stack.push_async_callback(part.close)
        yield _system(container, settings)


@asynccontextmanager
async def evaluating(settings: Settings) -> AsyncIterator["Evaluate"]:
    """The summarizers by these settings, without a database, a cache or a queue."""
    container = Container(settings=settings)
    take_plugins(container, settings)
    async with AsyncExitStack() as stack:
        for summarizer in container.summarizers().values():
            if hasattr(summarizer, "close"):
                stack.push_async_callback(summarizer.close)
        evaluate: Evaluate = container.evaluate()
        yield evaluate


def _system(container: Container, settings: Settings) -> System:
    crm, jobs = container.crm(), container.jobs()
    summaries = Worker(
        crm.run_summaries,
        Pace(settings.summary_concurrency, lease=settings.lease, sweep=settings.sweep),
    )
    syncs = Worker(crm.run_syncs, Pace(1, lease=settings.lease, sweep=settings.sweep))
    if isinstance(jobs, InProcessJobQueue):
        jobs.listen(Bell.SUMMARIES, summaries.wake)
        jobs.listen(Bell.SYNCS, syncs.wake)
    queue = (lambda: jobs.queue) if settings.jobs == "saq" else None
    return System(crm, summaries, syncs, queue, container.database().warm_up)


def cron_queue(settings: Settings) -> "SaqJobQueue":
    """A queue of the scheduler's own, so that no other worker takes its ticks."""
    if settings.redis_url is None:
        raise InvalidSettings("a cron on SAQ needs REDIS_URL")
    queue: SaqJobQueue = _at("job_queues.saq:SaqJobQueue")(settings.redis_url, name="crm-cron")
    return queue


async def migrate(settings: Settings) -> None:
    """Bring the database's schema to what this code needs."""
    await upgrade(settings.database_url)
