"""What is counted and timed while the bot answers, for Prometheus.

No label holds what anybody wrote, or the id of a person, a channel or a server.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.process_collector import ProcessCollector

# A registry of the bot's own: what other libraries count does not get in.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)

questions = Counter(
    "memcon_questions", "What people asked, by command.", ["command"], registry=REGISTRY
)
verdicts = Counter(
    "memcon_verdicts",
    "What came of questions (answered, redacted, not_found) and of quotations that were checked.",
    ["command", "verdict"],
    registry=REGISTRY,
)
stages = Histogram(
    "memcon_stage_seconds",
    "How long each stage of a reply took.",
    ["stage"],
    buckets=_FAST,
    registry=REGISTRY,
)
replies = Histogram(
    "memcon_reply_seconds",
    "From an interaction's arrival to its last word.",
    ["command"],
    buckets=_FAST,
    registry=REGISTRY,
)
refusals = Counter(
    "memcon_busy_refusals",
    "Questions that were told to come back, since too many waited.",
    registry=REGISTRY,
)
expired = Counter(
    "memcon_expired",
    "Interactions that Discord gave up before they were acknowledged.",
    registry=REGISTRY,
)
errors = Counter(
    "memcon_errors", "Errors that people were told, by kind.", ["kind"], registry=REGISTRY
)
rebuilds = Counter("memcon_rebuilds", "Rebuilds asked for here.", ["outcome"], registry=REGISTRY)
generations = Counter(
    "memcon_generations_opened", "New generations of the index taken up.", registry=REGISTRY
)
disconnects = Counter(
    "memcon_gateway_disconnects", "Connections to Discord lost.", ["shard"], registry=REGISTRY
)
reconnects = Counter(
    "memcon_gateway_reconnects",
    "Connections to Discord made again, resumed or anew.",
    ["shard", "how"],
    registry=REGISTRY,
)
logins = Counter(
    "memcon_gateway_retries",
    "Times that Discord was away at the start, and was tried again.",
    registry=REGISTRY,
)


def observe(stage: str, seconds: float) -> None:
    """Take the time of a stage."""
    stages.labels(stage).observe(seconds)


def observe_reply(command: str, seconds: float) -> None:
    """Take the time of a whole reply."""
    replies.labels(command).observe(seconds)


@contextmanager
def timed(stage: str, observer: Callable[[str, float], None] = observe) -> Iterator[None]:
    """Time a block as a stage."""
    began = perf_counter()
    try:
        yield
    finally:
        observer(stage, perf_counter() - began)
