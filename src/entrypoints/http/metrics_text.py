"""The counts of a process in the text format of Prometheus."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from entrypoints.http.metrics import BUCKETS, Answers

__all__ = ["CONTENT_TYPE_LATEST", "metrics_text"]


def metrics_text(answers: Answers, reads: Mapping[str, int], waiting: int) -> bytes:
    """What was answered, the reads of leads by their results, and how many wait for a run now."""
    collectors = _Answered(answers), _CacheReads(reads), _Waiting(waiting)
    return b"".join(map(generate_latest, collectors))


class _Answered(Collector):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

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


class _CacheReads(Collector):
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


class _Waiting(Collector):
    def __init__(self, waiting: int) -> None:
        self._waiting = waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "smart_crm_waiting", "Requests that wait for a summary run", self._waiting
        )
