"""What this process has answered, counted for Prometheus."""

from litestar import Response, Router, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from entrypoints.http.parameters import AnyRequest
from entrypoints.http.problems import problems

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """One process's counters; the route is the path's template, so that no id is a label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "smart_crm_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "smart_crm_http_request_seconds",
            "Time to answer",
            ("route",),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, status).inc()
        self._seconds.labels(route).observe(seconds)


@get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics of this process",
    media_type="text/plain",
    responses=problems(),
)
async def show_metrics(request: AnyRequest) -> Response[str]:
    """Requests by method, route and status, and how long they took, as Prometheus reads it."""
    text = generate_latest(request.app.state.metrics.registry).decode()
    return Response(text, media_type=CONTENT_TYPE_LATEST)


metrics_router = Router("/", route_handlers=[show_metrics], tags=["health"])
