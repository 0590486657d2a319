import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.discord.pool import ArchivePool
from corpus.ingest.sources import bundled_collection
from index.answering.answer import answer
from index.answering.receipts import Reranked, keep_receipt, make_receipt
from index.building.build import build_archive
from index.encoding.background import read_extracts
from index.encoding.crossencoder import CrossEncoder
from index.encoding.crossencoder_export import provide_crossencoder
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from tests.support.archives import Run, Silence
from tests.support.crossencoders import save_crossencoder

QUESTION = "Who translated the records into English?"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_crossencoder(tmp_path_factory.mktemp("reranker") / "model")


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, model: Path) -> dict[str, str]:
    """Export the reranker once for these tests, as the command line does."""
    cache = tmp_path_factory.mktemp("cache")
    provide_crossencoder(str(model), cache / "models", lambda _: None)
    return {"MEMCON_CACHE": str(cache)}


def asked(memcon: Run, *words: str, env: dict[str, str]) -> dict[str, Any]:
    done = memcon("ask", QUESTION, "--json", *words, env=env)
    assert done.returncode in {0, 1}, done.stderr
    form: dict[str, Any] = json.loads(done.stdout)
    del form["timing_ms"]
    return form


def test_a_question_is_answered_with_a_reranker(
    memcon: Run, model: Path, env: dict[str, str], tmp_path: Path
) -> None:
    form = asked(memcon, "--rerank", str(model), env=env)
    assert form["reranker"] == str(model)
    assert form == asked(memcon, "--rerank", str(model), env=env)
    plain = asked(memcon, env=env)
    assert plain["reranker"] is None
    assert plain["receipt"] != form["receipt"]
    # The settings make it the rule, unless a question goes without.
    (tmp_path / "settings.toml").write_text(f'[answers]\nrerank = "{model}"\n')
    ruled = {**env, "MEMCON_SETTINGS": str(tmp_path / "settings.toml")}
    assert asked(memcon, env=ruled) == form
    assert asked(memcon, "--no-rerank", env=ruled) == plain
    replayed = json.loads(memcon("replay", form["receipt"], "--json", env=env).stdout)
    assert replayed["same"]
    assert replayed["now"]["reranker"] == str(model)
    chat = memcon("chat", "--rerank", str(model), env=env, input=f"{QUESTION}\n")
    assert form["receipt"] in chat.stdout


def test_search_shows_what_the_reranker_gave(memcon: Run, model: Path, env: dict[str, str]) -> None:
    words = ("search", "Super 301", "--rerank", str(model), "-k", "4")
    hits = json.loads(memcon(*words, "--json", env=env).stdout)["hits"]
    relevance = [hit["relevance"] for hit in hits]
    assert relevance == sorted(relevance, reverse=True)
    assert "· reranker " in memcon(*words, "--explain", env=env).stdout
    plain = memcon("search", "Super 301", "--explain", "--json", env=env)
    assert {hit["relevance"] for hit in json.loads(plain.stdout)["hits"]} == {None}


@pytest.mark.usefixtures("exported_here")
def test_an_answer_whose_reranker_is_gone_is_not_replayed_without(
    memcon: Run, bundled: Archive, env: dict[str, str], tmp_path: Path
) -> None:
    gone = str(tmp_path / "model")
    receipt = make_receipt(answer(QUESTION, bundled), 3)
    receipt = replace(receipt, reranker=Reranked(gone, "0" * 64))
    keep_receipt(bundled.root, receipt)
    done = memcon("replay", receipt.receipt_id, env=env)
    assert done.returncode == 3
    assert f"Receipt {receipt.receipt_id} cannot be replayed" in done.stderr
    assert gone in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("exported_here")
def test_a_reranker_that_is_not_there_is_an_error_that_says_what_to_do(
    memcon: Run, env: dict[str, str]
) -> None:
    done = memcon("ask", QUESTION, "--rerank", "no-such-house/no-such-model", env=env)
    assert done.returncode == 3
    assert "no-such-house/no-such-model" in done.stderr
    assert "or ask without a reranker" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_bot_answers_with_the_reranker_also_from_a_new_index(
    bundled_root: Path, model: Path, env: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(bundled_root, tmp_path / "archive")
    cache = Path(env["MEMCON_CACHE"]) / "models"
    reranker = CrossEncoder(provide_crossencoder(str(model), cache, lambda _: None))
    service = ArchivePool(Location(tmp_path / "archive", tmp_path), reranker)
    try:
        first = service.archive
        assert answer(QUESTION, first).reranker == reranker.settings
        gathered = gather([bundled_collection()], Silence())
        root, quiet = tmp_path / "archive", Silence()
        build_archive(
            root, gathered, model=DEFAULT_MODEL, cache=tmp_path, progress=quiet, force=True
        )
        assert service.archive is not first
        assert answer(QUESTION, service.archive).reranker == reranker.settings
    finally:
        service.close()


def test_a_calibrated_reranker_counts_until_it_is_another(
    memcon: Run,
    model: Path,
    env: dict[str, str],
    bundled_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extracts = read_extracts()[:12]
    monkeypatch.setattr("index.evaluating.reranker_fitting.read_extracts", lambda: extracts)
    cache = Path(env["MEMCON_CACHE"]) / "models"
    shutil.copytree(bundled_root / "models", cache, dirs_exist_ok=True)
    asking = ("--rerank", str(model))
    before = asked(memcon, *asking, env=env)
    done = memcon("rerank", "calibrate", str(model), "--json", env=env)
    assert done.returncode == 0, done.stderr
    form = json.loads(done.stdout)
    assert form["schema"] == "memcon.calibration/1"
    assert form["model"] == str(model)
    assert form["cases"] > 24
    assert 0 <= form["auroc"]["without"] <= 1
    after = asked(memcon, *asking, env=env)
    assert after["confidence"] != before["confidence"]
    assert after["receipt"] != before["receipt"]
    assert [each["text"] for each in after["quotes"] or after["leads"]] == [
        each["text"] for each in before["quotes"] or before["leads"]
    ]
    (kept,) = cache.glob("*.calibration.json")
    known = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps({**known, "sha256": "0" * 64}), "utf-8")
    done = memcon("ask", QUESTION, "--json", *asking, env=env)
    assert done.stderr.count("memcon rerank calibrate") == 1
    assert json.loads(done.stdout)["confidence"] == before["confidence"]
    kept.unlink()
