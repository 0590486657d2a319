import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

# What only the bot needs, and what takes a question's time many times over.
SLOW = {
    *("sqlalchemy", "alembic", "mako", "psycopg", "prometheus_client", "aiohttp", "discord"),
    *("sentence_transformers", "torch"),
}
_RUN = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write(json.dumps(sorted(sys.modules))))
sys.argv = ["memcon", *sys.argv[1:]]
from bot.cli import main
main()
"""


@pytest.mark.parametrize(
    "words", [["--help"], ["serve", "--help"], ["ask", "Who translated the records into English?"]]
)
def test_a_question_waits_for_no_import_that_only_the_bot_needs(
    words: list[str], bundled_root: Path, cache: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        cwd=ROOT,
        env={**os.environ, "MEMCON_ARCHIVE": str(bundled_root), "MEMCON_CACHE": str(cache.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.split(".")[0] for name in json.loads(done.stderr)}
    assert "click" in loaded
    assert loaded & SLOW == set()
