"""Runs a module or a script with discord.py pointed at a fake Discord.

python -m tests.bot.discord.fakediscord http://127.0.0.1:PORT -m package.module ARGUMENTS
python -m tests.bot.discord.fakediscord http://127.0.0.1:PORT /path/of/script ARGUMENTS
"""

import runpy
import sys
from pathlib import Path

from .redirect import redirected


def main() -> None:
    """Run what the command line names."""
    url, *command = sys.argv[1:]
    with redirected(url):
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            # As Python itself does for a script.
            sys.path.insert(0, str(Path(command[0]).parent))
            runpy.run_path(command[0], run_name="__main__")


main()
