from pathlib import Path

import pytest

from bot.commands.archives import build_index
from bot.render.status import read_status, status_lines
from bot.services.doctor import examine
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.weights import foreign_encoder
from tests.support import fake_encoder


def test_the_default_model_is_the_one_of_the_weights() -> None:
    assert foreign_encoder(DEFAULT_MODEL) is None


def test_build_status_and_doctor_say_that_weights_are_for_another_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_encoder.install(monkeypatch)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "lamp.txt").write_text("The harbour lamp was lit at dusk.\n")
    location = Location(tmp_path / "archive", tmp_path / "cache")
    warning = foreign_encoder("fake")
    assert warning
    assert DEFAULT_MODEL in warning
    build_index(location, [tmp_path / "papers"], model="fake")
    assert warning in capsys.readouterr().err
    assert any(warning in line for line in status_lines(read_status(location)))
    assert any(warning in each.words for each in examine(location) if each.name == "encoder")
