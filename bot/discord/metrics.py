"""The bot's metrics, for Prometheus.

No label has a user's words, or the id of a user, a channel or a server.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.process_collector import ProcessCollector

# A registry of the bot's own, without the metrics of other libraries.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)

questions = Counter(
    "memcon_questions", "Questions asked, by command.", ["command"], registry=REGISTRY
)
verdicts = Counter(
    "memcon_verdicts",
    "Outcomes of questions (answered, redacted, not_found) and of checked quotations.",
    ["command", "verdict"],
    registry=REGISTRY,
)
stages = Histogram(
    "memcon_stage_seconds",
    "The time of each stage of a reply.",
    ["stage"],
    buckets=_FAST,
    registry=REGISTRY,
)
replies = Histogram(
    "memcon_reply_seconds",
    "The time from an interaction's arrival to its reply.",
    ["command"],
    buckets=_FAST,
    registry=REGISTRY,
)
refusals = Counter(
    "memcon_busy_refusals",
    "Questions refused because too many waited.",
    registry=REGISTRY,
)
expired = Counter(
    "memcon_expired",
    "Interactions that expired before they were acknowledged.",
    registry=REGISTRY,
)
errors = Counter("memcon_errors", "Errors reported to users, by kind.", ["kind"], registry=REGISTRY)
rebuilds = Counter("memcon_rebuilds", "Rebuilds asked for here.", ["outcome"], registry=REGISTRY)
generations = Counter(
    "memcon_generations_opened", "New generations of the index opened.", registry=REGISTRY
)
disconnects = Counter(
    "memcon_gateway_disconnects", "Connections to Discord lost.", ["shard"], registry=REGISTRY
)
reconnects = Counter(
    "memcon_gateway_reconnects",
    "Connections to Discord made again, resumed or new.",
    ["shard", "how"],
    registry=REGISTRY,
)
logins = Counter(
    "memcon_gateway_retries",
    "Connections retried while Discord was away.",
    registry=REGISTRY,
)


def observe(stage: str, seconds: float) -> None:
    """Observe the time of a stage."""
    stages.labels(stage).observe(seconds)


def observe_reply(command: str, seconds: float) -> None:
    """Observe the time of a whole reply."""
    replies.labels(command).observe(seconds)


@contextmanager
def timed(stage: str, observer: Callable[[str, float], None] = observe) -> Iterator[None]:
    """Time a block as a stage."""
    began = perf_counter()
    try:
        yield
    finally:
        observer(stage, perf_counter() - began)
