"""Build the wheel, install it into an empty environment and use it there: `make wheel`.

Outside the checkout, the installed memcon answers a question from the bundled collection, reads
a file of every format, and imports the bot. Ends with an error at the first step that fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.samples import make_every_format

QUESTION = "Who translated the records into English?"
ANSWER = "Stephen Mercado"


def main() -> None:
    """Build, install and try."""
    with tempfile.TemporaryDirectory(prefix="memcon-wheel-") as folder:
        place = Path(folder)
        say("building the wheel")
        run(sys.executable, *"-m pip wheel -qq --no-deps --wheel-dir".split(), folder, str(ROOT))
        (wheel,) = place.glob("*.whl")
        say(f"installing {wheel.name}")
        venv.create(place / "venv", with_pip=True)
        python = str(place / "venv" / "bin" / "python")
        install = [python, *"-m pip install -qq --disable-pip-version-check --constraint".split()]
        install.append(str(ROOT / "constraints.txt"))
        run(*install, "torch")
        run(*install, str(wheel))
        run(python, "-m", "pip", "check")
        try_installed(place)


def try_installed(place: Path) -> None:
    """Use the memcon that is installed in `place`/venv."""
    command = str(place / "venv" / "bin" / "memcon")
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if name not in {"PYTHONPATH", "MEMCON_ARCHIVE"}
        },
        "HF_HUB_OFFLINE": "1",
        # The default archive, which the first question builds.
        "XDG_DATA_HOME": str(place / "data"),
        "XDG_CONFIG_HOME": str(place / "config"),
        "MEMCON_CACHE": str(place / "cache"),
    }

    def memcon(*words: str) -> str:
        return run(command, *words, cwd=place, env=environment)

    say("asking a question of the bundled collection")
    answer = json.loads(memcon("ask", QUESTION, "--json"))
    assert any(ANSWER in quote["text"] for quote in answer["quotes"]), answer
    assert ANSWER in memcon("ask", QUESTION)

    say("reading a file of every format")
    files = make_every_format()
    sources = place / "files"
    sources.mkdir()
    for name, data in files.items():
        (sources / name).write_bytes(data)
    environment["MEMCON_ARCHIVE"] = str(place / "own")
    memcon("index", "build", str(sources))
    listed = json.loads(memcon("corpus", "list", "--json"))
    # Some samples repeat the words of others: those are reported as copies, and are read as well.
    problems = [row for row in listed["problems"] if "the same as" not in row["reason"]]
    assert not problems, problems
    known = json.dumps(listed)
    assert not (missing := [name for name in files if name not in known]), missing

    say("importing the bot")
    assert "--sync" in memcon("serve", "--help")
    python = str(place / "venv" / "bin" / "python")
    run(python, "-c", "import bot.discord.client", cwd=place, env=environment)


def run(*command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Return what a command writes on stdout; exit if it fails."""
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def say(words: str) -> None:
    """Report a step."""
    sys.stderr.write(f"memcon: {words}\n")


if __name__ == "__main__":
    main()
