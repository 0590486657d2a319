"""Requests to Milvus: time-outs, retries, and errors fit to be shown to a user.

The only module that imports pymilvus, which takes a second to load.
"""

import base64
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from corpus.errors import ArchiveError, EngineUnavailable, NoIndex
from index.milvus.address import MilvusAddress

Row = dict[str, Any]

_TRIES = 3
_FIRST_PAUSE = 0.25
# Loading, flushing or inserting takes longer with more rows: a factor of the time-out.
_PATIENT = 30
_UNAVAILABLE, _NOT_FOUND = 2, 100
_AWAY = ("UNAVAILABLE", "CANCELLED", "INTERNAL", "UNKNOWN")
_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_NOT_LOADED = re.compile(r"not loaded|call load\(\)", re.IGNORECASE)
_LATE = ("DEADLINE_EXCEEDED",)
_REFUSING = re.compile(r"auth check failure|authenti|unauthori|permission den", re.IGNORECASE)
STRONG: Final = "Strong"
# Generations are immutable: reads need not wait for writes.
_RELAXED = "Bounded"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a collection: its name, Milvus type and type options.

    `index` is the type of its index, with its `metric`; `optional` if the index may be missing.
    """

    name: str
    kind: str
    index: str = ""
    metric: str = ""
    optional: bool = False
    options: tuple[tuple[str, Any], ...] = ()

    def effort(self, limit: int) -> dict[str, int]:
        """Return the search parameters of an approximate index for `limit` hits."""
        return {"ef": 2 * limit} if self.index == "HNSW" else {}


class Connection:
    """Requests to one server, with retries; safe to use from several threads.

    Every method raises EngineUnavailable if Milvus does not answer in time or refuses the token,
    and ArchiveError for its other errors.
    """

    def __init__(self, address: MilvusAddress) -> None:
        """Connect; raises EngineUnavailable, also if pymilvus is not installed."""
        self.address, self._timeout = address, address.timeout
        self._milvus = _import_milvus()
        tls = {
            "ca_pem_path" if address.certificate else "server_pem_path": address.authority,
            "client_pem_path": address.certificate,
            "client_key_path": address.key,
            "server_name": address.server_name,
        }
        self._client: Any = None
        self._client = self._retry(
            lambda: self._milvus.MilvusClient(
                address.endpoint,
                token=address.token,
                db_name=address.database,
                timeout=address.timeout,
                **{name: value for name, value in tls.items() if value},
            )
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def version(self) -> str:
        """Return the version of Milvus."""
        return str(self._call("get_server_version"))

    def collections(self) -> list[str]:
        """Return the names of all collections."""
        return list(self._call("list_collections"))

    def pointed_to(self, alias: str) -> str:
        """Return the collection that an alias points to; raises NoIndex without one."""
        try:
            found = self._call("describe_alias", alias=alias)
        except _Missing as error:
            raise NoIndex(
                f"There is no archive {self.address.name} on {self.address.endpoint} yet.",
                self.address.example,
            ) from error
        return str(found["collection_name"])

    def point(self, alias: str, collection: str) -> None:
        """Point an alias to a collection, in one step."""
        try:
            self.pointed_to(alias)
        except NoIndex:
            change = "create_alias"
        else:
            change = "alter_alias"
        self._call(change, collection_name=collection, alias=alias)

    def create(self, collection: str, fields: Sequence[Field]) -> None:
        """Create a collection, indexed and loaded; the first field is its primary key."""
        types = self._milvus.DataType
        schema = self._milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for place, each in enumerate(fields):
            options = {
                name: getattr(types, value) if name == "element_type" else value
                for name, value in each.options
            }
            schema.add_field(each.name, getattr(types, each.kind), is_primary=not place, **options)
        self._call("create_collection", collection, schema=schema, consistency_level=_RELAXED)
        for each in fields:
            if each.index:
                self._index(collection, each)
        self.load(collection)

    def insert(self, collection: str, rows: Sequence[Row]) -> None:
        """Add rows; a retry overwrites, since the first attempt may have succeeded."""
        attempts = iter([self._client.insert])
        self._retry(
            lambda: next(attempts, self._client.upsert)(
                collection, list(rows), timeout=_PATIENT * self._timeout
            )
        )

    def replace(self, collection: str, rows: Sequence[Row]) -> None:
        """Write rows over those with the same primary keys."""
        self._call("upsert", collection, list(rows))

    def delete(self, collection: str, expression: str) -> None:
        """Remove the rows that fit an expression."""
        self._call("delete", collection, filter=expression)

    def flush(self, collection: str) -> None:
        """Flush added rows to storage."""
        self._call("flush", collection, timeout=_PATIENT * self._timeout)

    def load(self, collection: str) -> None:
        """Load a collection into memory."""
        self._call("load_collection", collection, timeout=_PATIENT * self._timeout)

    def release(self, collection: str) -> None:
        """Release a collection's memory."""
        self._call("release_collection", collection)

    def drop(self, collection: str) -> None:
        """Remove a collection, if it exists."""
        self._call("drop_collection", collection)

    def count(self, collection: str, expression: str = "") -> int:
        """Count the rows that fit an expression, all writes included."""
        rows = self.query(collection, expression, ["count(*)"], consistency=STRONG)
        return int(rows[0]["count(*)"])

    def query(
        self,
        collection: str,
        expression: str,
        fields: Iterable[str],
        *,
        consistency: str = _RELAXED,
    ) -> list[Row]:
        """Return these fields of the rows that fit an expression, in no order."""
        rows = self._ask(
            "query",
            collection,
            filter=expression,
            output_fields=list(fields),
            consistency_level=consistency,
        )
        return [dict(row) for row in rows]

    def search(
        self, collection: str, field: Field, vector: Any, expression: str, limit: int
    ) -> list[tuple[int, float]]:
        """Return the primary keys and scores of at most `limit` best rows, best first."""
        (found,) = self._ask(
            "search",
            collection,
            data=[vector],
            anns_field=field.name,
            filter=expression,
            limit=limit,
            search_params={"metric_type": field.metric, "params": field.effort(limit)},
            consistency_level=_RELAXED,
        )
        return [(int(hit["number"]), float(hit["distance"])) for hit in found]

    def _index(self, collection: str, field: Field) -> None:
        """Index a field; raises ArchiveError if that fails and the index is not optional."""
        indexes = self._milvus.MilvusClient.prepare_index_params()
        options: Row = {"metric_type": field.metric} if field.metric else {}
        if field.index == "HNSW":
            options["params"] = {"M": 32, "efConstruction": 400}
        indexes.add_index(field.name, index_type=field.index, **options)
        try:
            # The collection is empty: do not wait.
            self._call("create_index", collection, indexes, sync=False)
        except EngineUnavailable:
            raise
        except ArchiveError:
            # Milvus Lite scans arrays instead of indexing them.
            if not field.optional:
                raise

    def _ask(self, method: str, collection: str, **options: Any) -> Any:
        """Query a collection; one that was released meanwhile is loaded again."""
        try:
            return self._call(method, collection, **options)
        except _Released:
            self.load(collection)
            return self._call(method, collection, **options)

    def _call(self, method: str, *values: Any, **options: Any) -> Any:
        request = partial(getattr(self._client, method), *values)
        return self._retry(partial(request, **{"timeout": self._timeout, **options}))

    def _retry(self, request: Callable[[], Any]) -> Any:
        """Make a request, with retries while Milvus is away; tenacity would take as many lines."""
        pause, started = _FIRST_PAUSE, time.monotonic()
        for attempt in range(1, _TRIES + 1):
            try:
                return request()
            except Exception as error:  # noqa: BLE001 - each layer below has its own errors
                known = self._describe(error)
                late = attempt == _TRIES or time.monotonic() - started > self._timeout
                if late or not isinstance(known, _Away):
                    # Its text, and its cause's, may contain the token.
                    raise known from None
            time.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable")

    def _describe(self, error: Exception) -> ArchiveError:
        address = self.address
        code = _code(error)
        state = getattr(code, "name", "")
        words = self._scrub(str(getattr(error, "message", "") or error))
        if state in _REFUSED or _REFUSING.search(words):
            how = "refuses the token" if address.token else "asks for a token"
            return EngineUnavailable(
                f"Milvus at {address.endpoint} {how}.",
                "MEMCON_MILVUS_TOKEN=USER:PASSWORD memcon index status",
            )
        if state in _LATE:
            return EngineUnavailable(
                f"Milvus at {address.endpoint} did not answer within {address.timeout:g} s.",
                "memcon doctor",
            )
        if code == _UNAVAILABLE or state in _AWAY:
            return _Away(f"Milvus at {address.endpoint} does not answer.", "memcon doctor")
        if _NOT_LOADED.search(words):
            return _Released(f"{words} ({address.endpoint})", "memcon doctor")
        if code == _NOT_FOUND or "not found" in words or "not exist" in words:
            return _Missing(
                f"A collection or alias is missing on {address.endpoint}: {words}",
                "memcon index status",
            )
        return ArchiveError(f"Milvus at {address.endpoint} reports: {words}", "memcon doctor")

    def _scrub(self, words: str) -> str:
        """Remove the token, its password and its encoded form from a message."""
        token = self.address.token
        secrets = {token, token.partition(":")[2], base64.b64encode(token.encode()).decode()}
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            words = words.replace(secret, "…")
        return " ".join(words.split())[:300]


def _code(error: BaseException) -> Any:
    """Return the gRPC code of an error or of its causes, else pymilvus's own.

    pymilvus reports every refused connection as unavailable, whatever the reason.
    """
    own = getattr(error, "code", None)
    seen: list[BaseException] = []
    cause: BaseException | None = error
    # An error may be its own cause.
    while cause is not None and cause not in seen:
        seen.append(cause)
        code = getattr(cause, "code", None)
        if callable(code):
            return code()
        if hasattr(code, "name"):
            return code
        cause = cause.__cause__
    return own


class _Away(EngineUnavailable):
    """Milvus does not answer; a retry may help."""


class _Released(ArchiveError):
    """A collection is not loaded."""


class _Missing(ArchiveError):
    """A collection or alias does not exist."""


def _import_milvus() -> Any:
    try:
        import pymilvus
    except ImportError:
        raise EngineUnavailable(
            "Milvus needs the package pymilvus, which is not installed.",
            'pip install "memcon[milvus]"',
        ) from None
    # It would log errors with their whole context.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus
