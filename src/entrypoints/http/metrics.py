"""What this process has answered, and how often its cache helped, counted for Prometheus."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate

from litestar import Response, Router, get
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.problems import problems

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, float("inf"))
"""In seconds, each with what took as long as that or less."""


class Metrics(Collector):
    """One process's counters; the route is the path's template, so that no id is a label.

    Plain numbers, as each request counts in several; in one thread they need no locks.
    """

    def __init__(self) -> None:
        self._answers: defaultdict[tuple[str, str, int], list[float]] = defaultdict(
            lambda: [0] * (len(BUCKETS) + 1)
        )
        """By method, route and status: how many took so long, and their seconds in all."""

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        answers = self._answers[known, route, status]
        answers[bisect_left(BUCKETS, seconds)] += 1
        answers[-1] += seconds

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        requests = CounterMetricFamily(
            "smart_crm_http_requests", "Requests answered", labels=("method", "route", "status")
        )
        by_route: defaultdict[str, list[list[float]]] = defaultdict(list)
        for (method, route, status), answers in self._answers.items():
            requests.add_metric((method, route, str(status)), sum(answers[:-1]))
            by_route[route].append(answers)
        yield requests
        seconds = HistogramMetricFamily(
            "smart_crm_http_request_seconds", "Time to answer", labels=("route",)
        )
        for route, all_answers in by_route.items():
            *buckets, total = map(sum, zip(*all_answers, strict=True))
            counts = zip(map(floatToGoString, BUCKETS), accumulate(buckets), strict=True)
            seconds.add_metric((route,), list(counts), total)
        yield seconds


class CacheReads(Collector):
    """The reads of leads by result, as they stand when they are asked for."""

    def __init__(self, reads: Mapping[str, int]) -> None:
        self._reads = reads

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "smart_crm_cache_reads",
            "Leads read: from the cache, with another reader, or from the database",
            labels=("result",),
        )
        for result, count in self._reads.items():
            family.add_metric((result,), count)
        yield family


class Waiting(Collector):
    """How many wait for a summary run now, with `Prefer: wait` or on a stream."""

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "smart_crm_waiting", "Requests that wait for a summary run", self._waiting
        )


@get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics of this process",
    media_type="text/plain",
    responses=problems(),
)
async def show_metrics(request: AnyRequest, crm: CrmDependency) -> Response[bytes]:
    """Requests, how long they took, reads through the cache, and who waits, for Prometheus."""
    requests = generate_latest(request.app.state.metrics)
    reads = generate_latest(CacheReads(crm.get_lead.lead_cache.reads))
    waiting = generate_latest(Waiting(crm.await_run.watch.waiting))
    return Response(requests + reads + waiting, media_type=CONTENT_TYPE_LATEST)


metrics_router = Router("/", route_handlers=[show_metrics], tags=["health"])
