"""What this process has answered, and how often its cache helped, counted for Prometheus."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from litestar import Response, Router, get

from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.problems import problems

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, float("inf"))
"""In seconds, each with what took as long as that or less."""


Answers: TypeAlias = Mapping[tuple[str, str, int], list[float]]
"""By method, route and status: how many took so long by bucket, and their seconds in all."""


class Metrics:
    """One process's counters; the route is the path's template, so that no id is a label.

    Plain numbers, as each request counts in several; in one thread they need no locks.
    """

    def __init__(self) -> None:
        self._answers = defaultdict[tuple[str, str, int], list[float]](
            lambda: [0] * (len(BUCKETS) + 1)
        )

    @property
    def answers(self) -> Answers:
        return self._answers

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        answers = self._answers[known, route, status]
        answers[bisect_left(BUCKETS, seconds)] += 1
        answers[-1] += seconds


@get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics of this process",
    media_type="text/plain",
    responses=problems(),
)
async def show_metrics(request: AnyRequest, crm: CrmDependency) -> Response[bytes]:
    """Requests, how long they took, reads through the cache, and who waits, for Prometheus."""
    # only who is asked needs Prometheus's own client
    from entrypoints.http.metrics_text import CONTENT_TYPE_LATEST, metrics_text  # noqa: PLC0415

    reads, waiting = crm.get_lead.lead_cache.reads, crm.await_run.watch.waiting
    text = metrics_text(request.app.state.metrics.answers, reads, waiting)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


metrics_router = Router("/", route_handlers=[show_metrics], tags=["health"])
