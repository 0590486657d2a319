"""Where things are: the only place that reads the environment.

MEMCON_ARCHIVE   the archive's folder (default: under the platform's user-data directory)
MEMCON_CACHE     where exported models are kept (default: the platform's cache directory)
MEMCON_DEBUG     set to anything to see the traceback of an unexpected error
"""

import os
from pathlib import Path

import platformdirs


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
