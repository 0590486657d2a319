import re
from email.message import Message
from importlib.metadata import distribution
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT
from tests.tools import licences

EXTRAS = {"japanese", "mcp", "milvus", "plots", "postgres", "ray"}


def test_every_package_declares_a_licence(capsys: pytest.CaptureFixture[str]) -> None:
    licences.main(sorted(EXTRAS))
    table = capsys.readouterr().out
    needed = map(Requirement, distribution("memcon").requires or ())
    own = {each.name for each in needed if not re.search("dev|bench", str(each.marker))}
    assert len(own) > 40
    for name in (*own, "torch"):
        assert f"\n| {canonicalize_name(name)} |" in table
    assert licences.UNKNOWN not in table
    assert "| pytest |" not in table


def test_the_extras_are_those_of_the_package() -> None:
    provided = distribution("memcon").metadata.get_all("Provides-Extra", [])
    assert {*provided} == EXTRAS | {"dev", "bench"}
    (line,) = re.findall("^EXTRAS .*", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert line == f"EXTRAS ?= {' '.join(sorted(EXTRAS))}"


def test_a_package_that_is_not_installed_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(licences, "closure", lambda *_: {"tide": None})
    with pytest.raises(SystemExit, match="no licence is known of tide"):
        licences.main([])
    assert "| tide |" in capsys.readouterr().out


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
