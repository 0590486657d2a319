"""The status of an index: its content, other generations, and changed files."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bot.render.hints import addressed
from corpus.wording import count_of
from index.location import Location
from index.storage.generation import Manifest
from index.storage.inventory import count_changes, list_changes
from index.weights import foreign_encoder

# Up to this many changed files are named; the rest are counted.
_NAMED = 10
_OF_KEPT = ("built", "documents", "passages", "size", "encoder")


@dataclass(frozen=True, slots=True)
class Status:
    """The generation in use, all that are kept (None for a damaged one), and changed files.

    Each changed file has "added", "altered" or "removed" before its name; None where the sources
    are on another host. `unfinished` is the size in bytes of the vectors that an unfinished build
    has made. `location` says where the index is.
    """

    location: Location
    manifest: Manifest
    kept: dict[str, Manifest | None]
    changed: tuple[tuple[str, str], ...] | None
    unfinished: int


def read_status(location: Location) -> Status:
    """Return the status of an archive; raises NoIndex, DamagedIndex or EngineUnavailable."""
    opened = location.open()
    try:
        manifest = opened.manifest
        changed = None
        if opened.has_sources:
            changed = tuple(list_changes(opened.engine, manifest.sources))
    finally:
        opened.close()
    unfinished = sum(path.stat().st_size for path in (location.root / "encoding").glob("*"))
    return Status(location, manifest, location.manifests(), changed, unfinished)


def status_form(status: Status) -> dict[str, Any]:
    """Return a status as one object of the schema `memcon.status/1`."""
    return {
        "schema": "memcon.status/1",
        "archive": str(status.location.root),
        "engine": "milvus" if status.location.milvus else "local",
        "uri": status.location.milvus.endpoint if status.location.milvus else None,
        **asdict(status.manifest),
        "changed": None if status.changed is None else asdict(count_changes(status.changed)),
        "changed_files": [{"change": how, "file": name} for how, name in status.changed or ()],
        "generations": list(status.kept),
        "kept": [
            {
                "generation": name,
                "in_use": name == status.manifest.generation,
                "damaged": manifest is None,
                **{key: getattr(manifest, key, None) for key in _OF_KEPT},
            }
            for name, manifest in status.kept.items()
        ],
        "unfinished": status.unfinished,
    }


def status_lines(status: Status) -> Iterator[str]:
    """Yield a status as lines for a person."""
    manifest, changed = status.manifest, status.changed or ()
    changes = count_changes(changed)
    build = addressed("memcon index build")
    since = f"{changes} since ({build} takes them in)" if changes else "nothing since"
    if status.changed is None:
        since = "not known: the sources are on another host"
    milvus = status.location.milvus
    unsuited = foreign_encoder(manifest.encoder_name)
    dates = f"{manifest.date_from} to {manifest.date_to}" if manifest.date_from else "not known"
    rows = [
        ("archive", str(status.location.root)),
        *([("milvus", f"{milvus.name} on {milvus.endpoint}")] if milvus else []),
        ("generation", f"{manifest.generation}, built {manifest.built}"),
        ("changed", since),
        *(("", f"{how} {name}") for how, name in changed[:_NAMED]),
        *([("", "…")] if len(changed) > _NAMED else []),
        ("files", f"{manifest.files:,}"),
        ("documents", f"{manifest.documents:,}"),
        (
            "passages",
            f"{manifest.passages:,} ({manifest.sentences:,} sentences, {manifest.terms:,} terms)",
        ),
        ("dates", dates),
        ("size", _size(manifest.size)),
        (
            "encoder",
            f"{manifest.encoder} (cosine with the original at least {manifest.agreement})",
        ),
        *([("", unsuited)] if unsuited else []),
        ("sources", ", ".join(manifest.sources)),
        ("skipped", f"{manifest.skipped:,} (memcon corpus list names them)"),
    ]
    others = [name for name in status.kept if name != manifest.generation]
    rows += [("others kept", "none")] if not others else []
    for place, name in enumerate(reversed(others)):
        rows.append(("others kept" if not place else "", _kept(name, status.kept[name])))
    if status.unfinished:
        rows.append(("unfinished", f"a build was cut off; {_size(status.unfinished)} of vectors"))
    for name, words in rows:
        yield f"{name:<11} {words}"


def _kept(name: str, manifest: Manifest | None) -> str:
    if manifest is None:
        return f"{name}, damaged (memcon doctor)"
    back = addressed(f"memcon index rollback {name}")
    return (
        f"{name}, built {manifest.built}, {count_of(manifest.documents, 'documents')}, "
        f"{count_of(manifest.passages, 'passages')}, {_size(manifest.size)} ({back})"
    )


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
