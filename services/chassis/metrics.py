"""Every metric of the platform, declared once with its meaning.

Names, labels and help stand in this list and nowhere else; dashboards, alerts and the
documentation are checked against it. No label ever holds a person, a district or an id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

M = TypeVar("M", bound=MetricWrapperBase)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metric(Generic[M]):
    """One family. `kind` decides what a child can do; `buckets` are for histograms."""

    kind: type[M]
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


HTTP_SECONDS = Metric(
    Histogram,
    "http_server_request_duration_seconds",
    "From the first byte of a request to the last of its answer; streams are not in it",
    ("route", "method", "status_class"),
    _FAST,
)
GRPC_SECONDS = Metric(
    Histogram,
    "grpc_server_handling_seconds",
    "From the start of an RPC to its status",
    ("grpc_service", "grpc_method", "grpc_code"),
    _FAST,
)
GRPC_STREAMS = Metric(Gauge, "grpc_server_stream_active", "Streaming RPCs that are open")
OVERLOAD_REFUSED = Metric(
    Counter,
    "tandem_overload_refused_total",
    "Requests refused because there was more to do than could be done",
    ("urgency",),
)
OVERLOAD_LIMIT = Metric(
    Gauge, "tandem_overload_limit", "Requests that may run at a time, as found by what they take"
)
OVERLOAD_RUNNING = Metric(Gauge, "tandem_overload_running", "Requests that run")
OVERLOAD_WAITING = Metric(Gauge, "tandem_overload_waiting", "Requests that wait for a turn")
RATE_REFUSED = Metric(
    Counter,
    "tandem_rate_refused_total",
    "Requests refused because whoever sent them asks too often, by limit: person, partner, bulk, "
    "address (without a token), token (one that is refused)",
    ("limit",),
)
AUTH_REFUSED = Metric(
    Counter, "tandem_auth_refused_total", "Tokens refused, by stable reason", ("reason",)
)
JWKS_FETCHES = Metric(
    Counter, "tandem_jwks_fetches_total", "Fetches of an issuer's keys", ("outcome",)
)
OUTBOX_PENDING = Metric(
    Gauge, "tandem_outbox_pending", "Aggregates with unpublished events, as last seen"
)
OUTBOX_OLDEST_SECONDS = Metric(
    Gauge, "tandem_outbox_oldest_age_seconds", "Age of the oldest unpublished event"
)
RELAY_PUBLISHED = Metric(
    Counter, "tandem_relay_published_total", "Kafka records acknowledged by all replicas"
)
RELAY_FAILURES = Metric(
    Counter, "tandem_relay_failures_total", "Relay rounds that failed, by step", ("step",)
)
RELAY_SECONDS = Metric(
    Histogram, "tandem_relay_round_seconds", "One relay round that found work", (), _FAST
)
LOOSE_PENDING = Metric(
    Gauge,
    "tandem_looks_pending",
    "Events of who looked that a process has stored, or found left behind, and nobody has "
    "published, as last seen",
)
LOOSE_OLDEST_SECONDS = Metric(
    Gauge, "tandem_looks_oldest_age_seconds", "Age of the oldest of these events"
)
LOOSE_FAILURES = Metric(
    Counter,
    "tandem_looks_failures_total",
    "Rounds that were to publish who looked and failed, by step",
    ("step",),
)
PROJECTOR_COUNTS = Metric(
    Gauge,
    "tandem_projector_count",
    "Since the start, by what: records, ignored, parked, batches, rows, loaded (rows read), "
    "fenced, unknown (outcomes), claims, restarts (of the consumer), aside (for members with a "
    "newer list of topics); of the parked: failed (in our code), unkept (beyond what is kept of "
    "one district)",
    ("group", "what"),
)
CONSUMER_LAG = Metric(
    Gauge,
    "tandem_consumer_lag_records",
    "Records between the positions of this process and the ends of its partitions",
    ("group",),
)
CONSUMER_PARTITIONS = Metric(
    Gauge, "tandem_consumer_assigned_partitions", "Partitions held by this process", ("group",)
)
CONSUMER_SILENT = Metric(
    Gauge,
    "tandem_consumer_silent_partitions",
    "Of the partitions held by this process those that have not answered since: they have no "
    "leader, or its broker does not answer",
    ("group",),
)
VIEW_AGE = Metric(
    Histogram,
    "tandem_view_age_seconds",
    "How old a view is by the partitions of this process, looked at once a second: since when they "
    "were last seen to be read to their ends",
    ("group",),
    (1.0, 2.5, 5.0, 10.0, 25.0, 60.0, 300.0, 1800.0),
)
ACCESS_AGE = Metric(
    Gauge,
    "tandem_access_age_seconds",
    "How old what this process knows of who may see what is in the oldest of its partition numbers",
)
ACCESS_TRUSTED = Metric(
    Gauge,
    "tandem_access_trusted_seconds",
    "How old it may be: what rests on an older one is refused (ACCESS_TRUSTED_SECONDS)",
)
DUTIES = Metric(
    Counter,
    "tandem_duties_total",
    "Tries of duties, by what became of them: done, later (nothing to do before another day), "
    "failed (tried again), put_off (what will pass stands in the way), given_up",
    ("duty", "outcome"),
)
IMPORTS_LATE = Metric(
    Gauge,
    "tandem_imports_late",
    "Districts of which no import was good for longer than they expect, as last seen",
)
DUTIES_DUE = Metric(Gauge, "tandem_duties_due", "Duties whose time has come, as last seen")
DUTIES_OLDEST_SECONDS = Metric(
    Gauge, "tandem_duties_oldest_age_seconds", "Since when the first of them is due"
)
CERTIFICATE_END = Metric(
    Gauge,
    "tandem_certificate_end_seconds",
    "When what is in a file of certificates ends, Unix time, by the setting that names the file; 0 "
    "while it cannot be read",
    ("setting",),
)
TROUBLES = Metric(
    Counter,
    "tandem_troubles_total",
    "Data of one district that could not be used, by what; the others are served",
    ("what",),
)
SSE_CLIENTS = Metric(Gauge, "tandem_sse_clients", "Live streams that are open")
LIVE_SECONDS = Metric(
    Histogram,
    "tandem_live_delay_seconds",
    "From when a process hears that a card has changed until a live stream over SSE has taken it",
    (),
    _FAST,
)
# Of the process itself, as the client library of Prometheus tells it.
PROCESS_START = Metric(Gauge, "process_start_time_seconds", "When the process began, Unix time")
PROCESS_CPU = Metric(Counter, "process_cpu_seconds_total", "CPU that the process has used")
PROCESS_MEMORY = Metric(Gauge, "process_resident_memory_bytes", "Memory that the process uses")
PROCESS_FILES = Metric(Gauge, "process_open_fds", "Files and connections that are open")
PROCESS_MOST_FILES = Metric(Gauge, "process_max_fds", "How many may be open")
# each registry has it: to make one asks the machine when it began
_PROCESS = ProcessCollector(registry=None)


class Metrics:
    """The families that a process has touched, in a registry of its own, beside what is told of
    the process itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_PROCESS)
        self._families: dict[str, MetricWrapperBase] = {}
        self._children: dict[tuple[str, ...], MetricWrapperBase] = {}

    def of(self, metric: Metric[M], *labels: str) -> M:
        """The bound child for these label values; keep it where the path is hot."""
        key = (metric.name, *labels)
        child = self._children.get(key)
        if child is None:
            family = self._family(metric)
            child = family.labels(*labels) if metric.labels else family
            self._children[key] = child
        assert isinstance(child, metric.kind)
        return child

    def begin(self, metric: Metric[M], *values: str) -> None:
        """Show a family of one label from the start, at 0 for the values that are known: what
        first appears at 1 has risen for no alert."""
        for value in values:
            self.of(metric, value)

    def exposition(self) -> bytes:
        """All touched families in Prometheus text format."""
        return generate_latest(self.registry)

    def _family(self, metric: Metric[M]) -> MetricWrapperBase:
        family = self._families.get(metric.name)
        if family is None:
            more: dict[str, Any] = {"buckets": metric.buckets} if metric.buckets else {}
            family = metric.kind(
                metric.name, metric.help, metric.labels, registry=self.registry, **more
            )
            self._families[metric.name] = family
        return family
