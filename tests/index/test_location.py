import subprocess
import sys
from pathlib import Path

from corpus.ingest.sources import bundled_collection

RUN = """
import sys
from bot.cli import main
try:
    main()
except SystemExit as done:
    assert done.code in (None, 0, 1), done.code
sys.exit(" ".join(name for name in sys.modules if name.startswith(("index.milvus", "index.ray"))))
"""


def test_local_questions_and_builds_load_neither_milvus_nor_ray(
    bundled_root: Path, cache: Path, tmp_path: Path
) -> None:
    settings = {
        "MEMCON_CACHE": str(cache.parent),
        "MEMCON_SETTINGS": str(tmp_path / "none.toml"),
        "HOME": str(tmp_path),
    }
    for command in (
        ["ask", "What did Hosokawa say about Russia?"],
        ["index", "status"],
        ["index", "build", str(bundled_collection())],
    ):
        done = subprocess.run(
            [sys.executable, "-c", RUN, *command, "--archive", str(bundled_root)],
            env=settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.splitlines()[-1:]) == (1, [""]), done.stderr
