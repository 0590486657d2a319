"""Where things are: the only place that reads the environment.

MEMCON_ARCHIVE   the archive's folder (default: under the platform's user-data directory)
MEMCON_CACHE     where exported models are kept (default: the platform's cache directory)
MEMCON_DEBUG     set to anything to see the traceback of an unexpected error
MEMCON_SETTINGS  the settings file (default: settings.toml in the platform's configuration folder)
MEMCON_STORE     the database of the Discord bot's memory (default: discord.sqlite in the archive)
MEMCON_MILVUS_URI      the address of the Milvus server that has the archive's index (experimental)
MEMCON_MILVUS_TOKEN    its token: an API key, or user:password
MEMCON_PRIVATE_HOSTS   hosts and networks that may be downloaded from though they are not public
RAY_ADDRESS      the Ray cluster of "memcon index build --ray auto" (experimental), as for Ray
"""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from corpus.errors import UsageError

if TYPE_CHECKING:
    from index.location import MilvusAddress

_TABLES = frozenset({"answers", "archive", "discord", "downloads", "milvus"})
LEVELS = ("strict", "balanced", "eager")
# Three parts of URL-safe Base64: the bot's id, a time, a signature.
_TOKEN = re.compile(r"[\w-]{10,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)


def names_archive(chosen: Path | None) -> bool:
    """Tell whether the archive was named by somebody, in the command or the environment."""
    return chosen is not None or bool(os.environ.get("MEMCON_ARCHIVE"))


def archive_folder(chosen: Path | None) -> Path:
    """Return the archive to use: the one chosen, else the environment's, else the default."""
    if chosen is not None:
        return chosen
    named = os.environ.get("MEMCON_ARCHIVE")
    return Path(named) if named else Path(platformdirs.user_data_dir("memcon")) / "archive"


def cache_folder() -> Path:
    """Return where exported models are kept for all archives."""
    named = os.environ.get("MEMCON_CACHE")
    return (Path(named) if named else Path(platformdirs.user_cache_dir("memcon"))) / "models"


def wants_traceback() -> bool:
    """Tell whether an unexpected error is to be shown in full."""
    return bool(os.environ.get("MEMCON_DEBUG"))


def ray_address(chosen: str) -> str:
    """Return the Ray cluster that was chosen; for "auto", that of the environment if it has one."""
    return (chosen == "auto" and os.environ.get("RAY_ADDRESS")) or chosen


def settings_file() -> Path:
    """Return where the settings file is looked for."""
    named = os.environ.get("MEMCON_SETTINGS")
    return Path(named) if named else Path(platformdirs.user_config_dir("memcon")) / "settings.toml"


def discord_settings() -> dict[str, Any]:
    """Return the table [discord] of the settings file.

    Its keys are token, log_questions, shards, metrics and store.

    Raises UsageError for a file that is no TOML.
    """
    return _table("discord")


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """The table [downloads] of the settings file.

    `private_hosts` are hosts and networks that may be asked though they are not public; `contact`
    tells who runs a site how to reach who asks; `frus` is where volumes of FRUS are, with {} for
    the volume; `delay` is the pause in seconds between two requests to a host.
    """

    private_hosts: tuple[str, ...] = ()
    contact: str | None = None
    frus: str = "https://raw.githubusercontent.com/HistoryAtState/frus/master/volumes/{}.xml"
    delay: float = 1.0


def download_settings() -> DownloadSettings:
    """Return how documents are downloaded, from the settings file and the environment.

    Raises UsageError for a file that is no TOML, or a value of the wrong kind.
    """
    known = _table("downloads")
    named = os.environ.get("MEMCON_PRIVATE_HOSTS")
    hosts = named.split(",") if named else known.get("private_hosts", [])
    default = DownloadSettings()
    delay = known.get("delay", default.delay)
    words = (known.get("frus", default.frus), known.get("contact") or "")
    well = isinstance(hosts, list) and all(isinstance(host, str) for host in hosts)
    well = well and all(isinstance(value, str) for value in words) and words[0].count("{}") == 1
    if not well or isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0:
        raise UsageError(
            f"[downloads] in {settings_file()} is not as it should be: private_hosts is a list of "
            "names, contact and frus are words (frus with one {}), delay a number of seconds."
        )
    private = tuple(host.strip() for host in hosts if host.strip())
    return DownloadSettings(private, words[1] or None, words[0], float(delay))


def milvus(root: Path, uri: str | None = None, name: str | None = None) -> "MilvusAddress | None":
    """Return an archive's address on Milvus; None if its index is in its folder.

    It is the one named, else the environment's, else the one that the archive remembers, else that
    of the table [archive] of the settings file, for an archive without an index of its own. How to
    reach it is in the table [milvus].
    Raises UsageError for an address that is none, and for settings that are not as they should be.
    """
    from index.location import milvus_address, recall

    known = _table("archive")
    remembered = recall(root)
    uri = uri or os.environ.get("MEMCON_MILVUS_URI")
    if not uri and remembered:
        uri = remembered[0]
    if not uri and known.get("engine", "milvus") == "milvus" and not (root / "CURRENT").exists():
        uri = known.get("uri")
    if not uri:
        return None
    if not name and remembered and remembered[0] == uri:
        name = remembered[1]
    how = _table("milvus")
    token = os.environ.get("MEMCON_MILVUS_TOKEN") or how.pop("token", "")
    how.pop("token", None)
    timeout = how.pop("timeout", 10.0)
    text = {"database", "authority", "certificate", "key", "server_name", "dense_index"}
    well = isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0
    well = well and how.keys() <= text and isinstance(token, str) and isinstance(uri, str)
    if not well or not all(isinstance(value, str) for value in how.values()):
        raise UsageError(
            f"[archive] or [milvus] in {settings_file()} is not as it should be: timeout is a "
            f"number of seconds, uri, name, token, {', '.join(sorted(text))} are words."
        )
    return milvus_address(
        uri, name or known.get("name"), token=token.strip(), timeout=float(timeout), **how
    )


def answering_level() -> str:
    """Return how sure memcon must be before it answers: `level` of the table [answers].

    Raises UsageError for a file that is no TOML, or a level that there is not.
    """
    level = _table("answers").get("level", "balanced")
    if level not in LEVELS:
        raise UsageError(
            f"level under [answers] in {settings_file()} is one of {', '.join(LEVELS)}."
        )
    return str(level)


def reranker() -> str:
    """Return what reads the best passages again: `rerank` of the table [answers], empty for none.

    Raises UsageError for a file that is no TOML, or a value of the wrong kind.
    """
    name = _table("answers").get("rerank", "")
    if not isinstance(name, str):
        raise UsageError(
            f"rerank under [answers] in {settings_file()} is the name of a model, or its folder."
        )
    return name


def _table(name: str) -> dict[str, Any]:
    path = settings_file()
    try:
        known = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The error itself could quote the token.
        raise UsageError(f"The settings file {path} cannot be read as TOML.") from error
    unknown = sorted(known.keys() - _TABLES)
    if unknown:
        raise UsageError(
            f"The settings file {path} has [{unknown[0]}], which memcon does not know: it reads "
            f"{', '.join(f'[{each}]' for each in sorted(_TABLES))}."
        )
    table = known.get(name, {})
    return table if isinstance(table, dict) else {}


def discord_token() -> str:
    """Return the bot's token, from the environment or else the settings file.

    Raises UsageError where there is none; the message never holds any of it.
    """
    token = os.environ.get("MEMCON_DISCORD_TOKEN") or discord_settings().get("token")
    if not isinstance(token, str) or not token.strip():
        raise UsageError(
            "No Discord token is set: set MEMCON_DISCORD_TOKEN, or token under [discord] in "
            f"{settings_file()}. The Developer Portal shows it under Bot."
        )
    return token.strip()


def discord_store(root: Path) -> Path | str:
    """Return where the bot's memory is kept: a database's address, or a file in the archive.

    Raises UsageError for a settings file that is no TOML, or an address that is no text.
    """
    named = os.environ.get("MEMCON_STORE") or discord_settings().get("store")
    if named is None:
        return root / "discord.sqlite"
    if not isinstance(named, str) or not named.strip():
        raise UsageError(f"store under [discord] in {settings_file()} is an address, as text.")
    return named.strip()


def is_well_formed(token: str) -> bool:
    """Tell whether a token has the form that Discord gives."""
    return bool(_TOKEN.fullmatch(token))
