"""Settings: the settings file and the environment, read once a process. Nothing else reads them.

MEMCON_ARCHIVE         the archive's folder (default: in the platform's user-data directory)
MEMCON_CACHE           where exported models are kept (default: the platform's cache directory)
MEMCON_DEBUG           any value: unexpected errors show their traceback
MEMCON_SETTINGS        the settings file (default: settings.toml in the configuration folder)
MEMCON_DISCORD_TOKEN   the Discord bot's token
MEMCON_STORE           the Discord bot's database (default: discord.sqlite in the archive)
MEMCON_MILVUS_URI      the address of the Milvus server with the index (experimental)
MEMCON_MILVUS_TOKEN    its token: an API key, or user:password
MEMCON_PRIVATE_HOSTS   hosts and networks that are not public and may be downloaded from
RAY_ADDRESS            the Ray cluster of "memcon index build --ray auto", as for Ray itself

Precedence: an option, then the environment, then what the archive remembers, then the file.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import msgspec
import platformdirs
from msgspec import Meta

from corpus.errors import UsageError

if TYPE_CHECKING:
    from index.location import MilvusAddress

LevelName = Literal["strict", "balanced", "eager"]
LEVELS: tuple[str, ...] = get_args(LevelName)
# Three parts of URL-safe Base64: the bot's id, a time, a signature.
_TOKEN = re.compile(r"[\w-]{10,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)
# A key of the settings is shown only if it cannot be a secret in the wrong place.
_KEY = re.compile(r"\w{1,20}", re.ASCII)
_WRONG_KEY = re.compile(r"\$\.(\w+)")

# Descriptions are what a message says the value must be.
_Text = Annotated[str, Meta(description="text")]


class AnswerSettings(msgspec.Struct, frozen=True):
    """The table [answers]: how sure an answer must be, and the reranker, empty for none."""

    level: Annotated[LevelName, Meta(description=f"one of {', '.join(LEVELS)}")] = "balanced"
    rerank: Annotated[str, Meta(description="the name of a model, or its folder")] = ""


class ArchiveSettings(msgspec.Struct, frozen=True):
    """The table [archive], experimental: the Milvus server of archives without a local index."""

    engine: Annotated[Literal["milvus", "local"], Meta(description="milvus or local")] = "milvus"
    uri: _Text = ""
    name: _Text = ""


class DiscordSettings(msgspec.Struct, frozen=True):
    """The table [discord]: the bot."""

    token: _Text = ""
    store: Annotated[
        Annotated[str, Meta(min_length=1)] | None, Meta(description="an address, as text")
    ] = None
    shards: Annotated[
        int | str | None, Meta(description='a whole number, or text such as "0-3/16"')
    ] = None
    metrics: Annotated[str | None, Meta(description='text such as "127.0.0.1:9400"')] = None
    log_questions: Annotated[bool, Meta(description="true or false")] = False
    owners: Annotated[
        tuple[int | Annotated[str, Meta(pattern=r"^[0-9]{1,20}$")], ...],
        Meta(description="a list of ids of Discord users"),
    ] = ()

    def owner_ids(self) -> frozenset[int]:
        """Return the users who may rebuild the archive, besides the application's owners."""
        return frozenset(map(int, self.owners))


class DownloadSettings(msgspec.Struct, frozen=True):
    """The table [downloads].

    `private_hosts` are hosts and networks that are not public and may be downloaded from,
    `contact` is how a site's operator can reach the user, `frus` is the address of a volume of
    FRUS, and `delay` is in seconds, between two requests to a host.
    """

    private_hosts: Annotated[tuple[str, ...], Meta(description="a list of names")] = ()
    contact: _Text = ""
    frus: Annotated[
        str,
        Meta(pattern=r"^(?:(?!\{\}).)*\{\}(?:(?!\{\}).)*$", description="an address with one {}"),
    ] = "https://raw.githubusercontent.com/HistoryAtState/frus/master/volumes/{}.xml"
    delay: Annotated[float, Meta(ge=0, description="a number of seconds")] = 1.0


class MilvusSettings(msgspec.Struct, frozen=True):
    """The table [milvus]: experimental: how the server is reached."""

    token: _Text = ""
    database: _Text = ""
    authority: _Text = ""
    certificate: _Text = ""
    key: _Text = ""
    server_name: _Text = ""
    timeout: Annotated[float, Meta(gt=0, description="a number of seconds, more than 0")] = 10.0
    dense_index: _Text = "FLAT"


_TABLES: dict[str, type[msgspec.Struct]] = {
    "answers": AnswerSettings,
    "archive": ArchiveSettings,
    "discord": DiscordSettings,
    "downloads": DownloadSettings,
    "milvus": MilvusSettings,
}
# Variables that override a key of the file.
_OVERRIDES = {
    "MEMCON_DISCORD_TOKEN": ("discord", "token"),
    "MEMCON_STORE": ("discord", "store"),
    "MEMCON_MILVUS_TOKEN": ("milvus", "token"),
    "MEMCON_PRIVATE_HOSTS": ("downloads", "private_hosts"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; those that only the environment has are None where it is silent.

    `file` is the settings file, which need not exist; `cache_folder` has exported models;
    `milvus_uri` is the Milvus server and `ray` the Ray cluster that the environment names.
    """

    file: Path
    answers: AnswerSettings
    archive: ArchiveSettings
    discord: DiscordSettings
    downloads: DownloadSettings
    milvus: MilvusSettings
    archive_root: Path | None
    cache_folder: Path
    milvus_uri: str | None
    ray: str | None

    def names_archive(self, chosen: Path | None) -> bool:
        """Return whether the command or the environment names the archive."""
        return (chosen or self.archive_root) is not None

    def archive_folder(self, chosen: Path | None) -> Path:
        """Return the archive's folder: the chosen one, the environment's, or the default."""
        default = Path(platformdirs.user_data_dir("memcon")) / "archive"
        return chosen or self.archive_root or default

    def ray_address(self, chosen: str) -> str:
        """Return the chosen Ray cluster; for "auto", the environment's if it has one."""
        return (chosen == "auto" and self.ray) or chosen

    def milvus_of(
        self, root: Path, uri: str | None = None, name: str | None = None
    ) -> "MilvusAddress | None":
        """Return an archive's address on Milvus; None if its index is in its folder.

        It is the one named, the environment's, the one that the archive remembers, or, for an
        archive without an index of its own, the one of [archive].
        Raises UsageError for an invalid address, DamagedIndex where the archive's memory is
        unreadable.
        """
        from index.location import milvus_address, recall

        remembered = recall(root)
        uri = uri or self.milvus_uri
        if not uri and remembered:
            uri = remembered[0]
        if not uri and self.archive.engine == "milvus" and not (root / "CURRENT").exists():
            uri = self.archive.uri
        if not uri:
            return None
        if not name and remembered and remembered[0] == uri:
            name = remembered[1]
        how = msgspec.structs.asdict(self.milvus)
        return milvus_address(uri, name or self.archive.name or None, **how)

    def discord_token(self) -> str:
        """Return the bot's token; raises UsageError where none is set."""
        if not self.discord.token:
            raise UsageError(
                "No Discord token is set: set MEMCON_DISCORD_TOKEN, or token under [discord] in "
                f"{self.file}. The Developer Portal shows it under Bot."
            )
        return self.discord.token

    def discord_store(self, root: Path) -> Path | str:
        """Return the bot's database: an address, or a file in the archive."""
        return self.discord.store or root / "discord.sqlite"


@cache
def load() -> Settings:
    """Return the settings of this process; raises UsageError as `read_settings` does."""
    return read_settings(os.environ)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings file and the environment.

    Raises UsageError for a file that is not TOML, an unknown table or key, and a wrong value.
    """
    named = {name: value for name, value in environment.items() if value}
    folder = Path(platformdirs.user_config_dir("memcon"))
    file = Path(named.get("MEMCON_SETTINGS", folder / "settings.toml"))
    tables = _read_tables(file)
    for variable, (table, key) in _OVERRIDES.items():
        if variable in named:
            value = named[variable]
            tables[table][key] = value.split(",") if key == "private_hosts" else value
    checked: dict[str, Any] = {name: _convert(table, name, file) for name, table in tables.items()}
    root = named.get("MEMCON_ARCHIVE")
    cache_root = named.get("MEMCON_CACHE", platformdirs.user_cache_dir("memcon"))
    return Settings(
        file,
        **checked,
        archive_root=Path(root) if root else None,
        cache_folder=Path(cache_root) / "models",
        milvus_uri=named.get("MEMCON_MILVUS_URI"),
        ray=named.get("RAY_ADDRESS"),
    )


def wants_traceback() -> bool:
    """Return whether an unexpected error shows its traceback."""
    return bool(os.environ.get("MEMCON_DEBUG"))


def is_well_formed(token: str) -> bool:
    """Return whether a token has the form that Discord gives."""
    return bool(_TOKEN.fullmatch(token))


def _read_tables(file: Path) -> dict[str, dict[str, Any]]:
    try:
        known = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        known = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The error itself could quote the token.
        raise UsageError(f"The settings file {file} cannot be read as TOML.") from error
    for name, table in known.items():
        if name not in _TABLES:
            raise UsageError(f"The settings file {file} has {_refuse_top(name, table)}")
        if not isinstance(table, dict):
            raise UsageError(f"{name} in {file} must be a table: [{name}] on a line of its own.")
        keys = _TABLES[name].__struct_fields__
        unknown = next((key for key in table if key not in keys), None)
        if unknown is not None:
            raise UsageError(
                f"The settings file {file} has {_show(unknown)} under [{name}], which memcon does "
                f"not know. {_suggest(unknown, keys)}"
            )
    return {name: dict(known.get(name, {})) for name in _TABLES}


def _refuse_top(name: str, table: object) -> str:
    """Describe a top-level name that memcon does not know."""
    if isinstance(table, dict):
        tables = {f"[{each}]": each for each in _TABLES}
        return f"[{_show(name)}], which memcon does not know. {_suggest(name, tables)}"
    homes = [f"[{each}]" for each, kind in _TABLES.items() if name in kind.__struct_fields__]
    where = f"it belongs under {' or '.join(homes)}" if homes else "memcon does not know it"
    return f"{_show(name)} outside any table; {where}."


def _suggest(typed: str, known: Iterable[str]) -> str:
    """Return a sentence with the name nearest to a mistyped one, or else with all names."""
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.process import extractOne
    from rapidfuzz.utils import default_process

    names = list(known)
    near = extractOne(
        typed,
        names,
        scorer=DamerauLevenshtein.normalized_similarity,
        processor=default_process,
        score_cutoff=0.6,
    )
    return f"Did you mean {near[0]}?" if near else f"It knows {', '.join(names)}."


def _show(key: str) -> str:
    return key if _KEY.fullmatch(key) else "a key"


def _convert(table: dict[str, Any], name: str, file: Path) -> msgspec.Struct:
    """Return a table as its type; the message names the key, never the value."""
    words = {
        key: value.strip() if isinstance(value, str) else value for key, value in table.items()
    }
    kind = _TABLES[name]
    try:
        known = msgspec.convert(words, kind)
    except msgspec.ValidationError as error:
        # What msgspec says could quote the token.
        found = _WRONG_KEY.search(str(error))
        key = found[1] if found else ""
        wanted = get_type_hints(kind, include_extras=True)[key].__metadata__[0].description
        raise UsageError(f"{key} under [{name}] in {file} must be {wanted}.") from None
    if isinstance(known, DownloadSettings):
        hosts = tuple(host.strip() for host in known.private_hosts if host.strip())
        return msgspec.structs.replace(known, private_hosts=hosts)
    return known
