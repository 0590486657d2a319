from email.message import Message
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tools import licences


def test_every_package_declares_a_licence(capsys: pytest.CaptureFixture[str]) -> None:
    licences.main(["postgres"])
    table = capsys.readouterr().out
    for name in ("memcon", "click", "discord.py", "torch", "lxml", "psycopg"):
        assert f"| {name} |" in table
    assert licences.UNKNOWN not in table
    assert "| pytest |" not in table


@pytest.mark.parametrize(
    ("declared", "licence"),
    [
        ({"License-Expression": "MIT", "License": "Other"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({"Classifier": "License :: OSI Approved", "License": "Zlib\n\nAll the text"}, "Zlib"),
        ({"Classifier": "Topic :: Text Processing"}, licences.UNKNOWN),
    ],
)
def test_a_licence_is_declared_in_one_of_three_ways(declared: dict[str, str], licence: str) -> None:
    metadata = Message()
    for name, value in declared.items():
        metadata[name] = value
    package: Any = SimpleNamespace(metadata=metadata)
    assert licences.licence_of(package) == licence
