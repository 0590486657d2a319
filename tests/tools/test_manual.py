import shutil
import subprocess
from collections.abc import Iterator

import click
import pytest

from bot.cli import cli
from tests.tools.manual import draw_manual, roff


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from commands(inner, f"{path} {name}")


ALL = dict(commands(cli, "memcon"))


def section(path: str) -> str:
    heading = "SYNOPSIS" if path == "memcon" else roff(path).upper()
    return draw_manual().partition(f".SH {heading}\n")[2].partition("\n.SH MEMCON")[0]


def test_the_commands_are_found() -> None:
    assert {"memcon ask", "memcon index build", "memcon corpus add", "memcon discord sync"} <= {
        *ALL
    }


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_a_section_with_its_options(path: str) -> None:
    written = section(path)
    assert written.splitlines()[0] == f".B {path}"
    options = [each for each in ALL[path].params if isinstance(each, click.Option)]
    flags = [roff(flag) for each in options if not each.hidden for flag in each.opts]
    assert [flag for flag in [*flags, roff("--help")] if flag not in written] == []


def test_text_is_no_markup() -> None:
    assert roff(".TP -k … \\n") == "\\&.TP \\-k \\[u2026] \\en"


def test_the_page_is_sound_roff() -> None:
    if not shutil.which("groff"):
        pytest.skip("needs the program groff")
    command = ["groff", "-man", "-ww", "-Tutf8"]
    done = subprocess.run(command, input=draw_manual(), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Only one collection." in done.stdout
