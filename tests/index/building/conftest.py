"""An archive that is built again, killed and refused at."""

import shutil

import pytest

from index.storage.generation import KEPT
from tests.support.trials import Place, Trial, fake


@pytest.fixture(scope="module")
def kept_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Build an archive of as many generations as are kept, and keep a copy of all beside it."""
    place = Place(tmp_path_factory.mktemp("trials") / "place")
    with pytest.MonkeyPatch.context() as patch:
        fake(patch)
        trial = Trial(place)
        for _ in range(KEPT):
            trial.write()
            trial.place.build()
    shutil.copytree(place.top, place.top.with_name("copy"))
    return place


@pytest.fixture
def trial(kept_place: Place, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Return the archive as it was built, where it was built."""
    shutil.rmtree(kept_place.top)
    shutil.copytree(kept_place.top.with_name("copy"), kept_place.top)
    fake(monkeypatch)
    return Trial(kept_place, KEPT)
