"""Where things are: the only place that reads the environment.

MEMCON_ARCHIVE   the archive's folder (default: under the platform's user-data directory)
MEMCON_CACHE     where exported models are kept (default: the platform's cache directory)
MEMCON_DEBUG     set to anything to see the traceback of an unexpected error
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import platformdirs

from corpus.errors import UsageError

# Three parts of URL-safe Base64: the bot's id, a time, a signature.
_TOKEN = re.compile(r"[\w-]{10,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)


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


def settings_file() -> Path:
    """Return where the settings file is looked for."""
    named = os.environ.get("MEMCON_SETTINGS")
    return Path(named) if named else Path(platformdirs.user_config_dir("memcon")) / "settings.toml"


def discord_settings() -> dict[str, Any]:
    """Return the table [discord] of the settings file: token, shards, log_questions.

    Raises UsageError for a file that is no TOML.
    """
    path = settings_file()
    try:
        known = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The error itself could quote the token.
        raise UsageError(f"The settings file {path} cannot be read as TOML.") from error
    table = known.get("discord", {})
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


def is_well_formed(token: str) -> bool:
    """Tell whether a token has the form that Discord gives."""
    return bool(_TOKEN.fullmatch(token))
