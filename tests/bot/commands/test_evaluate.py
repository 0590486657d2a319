import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.commands.evaluate import measure_sets
from bot.render import plots
from corpus.errors import UsageError
from index.evaluating.evaluation import MEASURES, Evaluation, Outcome
from index.evaluating.judged_sets import open_set
from index.evaluating.runs import read_run
from index.retrieval.archive import Archive
from tests.support.archives import Run, Silence, build
from tests.support.invented import COPY, LEDGER, TELEGRAM, invented

QUESTIONS = (
    ("How many barrels of kerosene did the keeper buy each autumn?", "forty barrels"),
    ("Where was the ledger found in 1958?", "The ledger was found"),
    ("What did Napoleon Bonaparte Starbuck think of tea?", None),
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write two sets of the same documents: one with a question less."""
    made = []
    for name, questions in (("lamps", QUESTIONS), ("oil", QUESTIONS[:2])):
        folder = tmp_path_factory.mktemp("sets") / name
        folder.mkdir()
        documents = [
            {"doc_id": doc_id, "title": doc_id, "text": text, "date": ""}
            for doc_id, text in (("telegram", TELEGRAM), ("ledger", LEDGER), ("copy", COPY))
        ]
        queries = [_query(number, *each) for number, each in enumerate(questions)]
        for file, rows in (("docs", documents), ("queries", queries)):
            (folder / f"{file}.jsonl").write_text("".join(f"{json.dumps(r)}\n" for r in rows))
        made.append(folder)
    return made


def _query(number: int, text: str, words: str | None) -> dict[str, Any]:
    start = LEDGER.index(words) if words else 0
    spans = [{"doc_id": "ledger", "start": start, "end": start + 9, "text": ""}] if words else []
    return {
        "query_id": f"q{number}",
        "text": text,
        "answerable": bool(words),
        "doc_ids": ["ledger"] if words else [],
        "answers": spans,
    }


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, bundled_root: Path) -> dict[str, str]:
    """Return where these tests keep their sets: they share the exported encoder with no other."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").symlink_to(bundled_root / "models")
    return {"MEMCON_CACHE": str(cache)}


def test_several_sets_are_measured_in_one_call(
    memcon: Run, folders: list[Path], env: dict[str, str], tmp_path: Path
) -> None:
    runs, pictures = tmp_path / "run.jsonl", tmp_path / "new" / "pictures"
    done = memcon(
        "eval", *map(str, folders), "--runs", str(runs), "--plots", str(pictures), env=env
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["lamps", "oil"]
    assert lines[1].split() == ["queries", "3", "2"]
    for name in (*MEASURES, "abstention_auroc", "calibration_error", "aurc", "strict:", "eager:"):
        assert any(line.startswith(name) for line in lines), name
    # One set has nothing that is without an answer.
    assert next(line for line in lines if line.startswith("abstention")).endswith("–")
    assert [len(each.outcomes) for each in read_run(runs)] == [3, 2]
    for name in ("reliability.png", "risk-coverage.png"):
        assert (pictures / name).read_bytes().startswith(b"\x89PNG")

    form = json.loads(memcon("eval", *map(str, folders), "--json", env=env).stdout)
    assert form["schema"] == "memcon.evals/1"
    assert [(each["set"], each["queries"]) for each in form["sets"]] == [("lamps", 3), ("oil", 2)]
    one = json.loads(memcon("eval", str(folders[0]), "--json", env=env).stdout)
    assert one["schema"] == "memcon.eval/1"
    assert {**one, "latency_ms": 0} == {**form["sets"][0], "latency_ms": 0}

    same = memcon("eval", "--compare", str(runs), str(runs), env=env)
    assert same.returncode == 0, same.stderr
    assert "lamps, 3 questions" in same.stdout
    assert "oil, 2 questions" in same.stdout
    assert "+0.0000" in same.stdout
    form = json.loads(memcon("eval", "--compare", str(runs), str(runs), "--json", env=env).stdout)
    assert form["schema"] == "memcon.comparison/1"
    quoted = form["sets"][0]["measures"]["quote@1"]
    assert (quoted["difference"], quoted["p"], quoted["interval"]) == (0.0, 1.0, [0.0, 0.0])
    assert quoted["a"] == one["quote@1"]

    less = tmp_path / "less.jsonl"
    less.write_text("".join(runs.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    wrong = memcon("eval", "--compare", str(runs), str(less), env=env)
    assert wrong.returncode == 2
    assert "different questions of lamps" in wrong.stderr


def test_a_set_is_measured_with_another_encoder(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []

    def build(root: Path, *_: object, model: str, **__: object) -> None:
        built.append((root, model))

    monkeypatch.setattr("index.evaluating.judged_sets.build_archive", build)
    monkeypatch.setattr("index.evaluating.judged_sets.Archive", lambda root, **_: root)
    for model in ("all-MiniLM-L6-v2", "house/large", "house/large"):
        open_set(folders[0], tmp_path / "models", Silence(), model=model)
    (plain, default), (other, named), again = built
    assert (default, named) == ("all-MiniLM-L6-v2", "house/large")
    # Neither takes the other's place.
    assert plain != other
    assert again == (other, named)


def test_an_archive_has_its_own_encoder(tmp_path: Path) -> None:
    asked = tmp_path / "lamps.jsonl"
    row = {"id": "1", "question": "Who lit the lamp?", "kind": "fact", "answerable": False}
    asked.write_text(json.dumps({**row, "doc_ids": [], "pattern": ""}) + "\n")

    def open_asked() -> Archive:
        raise AssertionError

    with pytest.raises(UsageError, match="an archive has its own encoder"):
        measure_sets([asked], open_asked, Silence(), model="house/large")


@pytest.mark.usefixtures("exported_here")
def test_an_encoder_that_is_not_there_is_said(
    memcon: Run, folders: list[Path], env: dict[str, str]
) -> None:
    done = memcon("eval", str(folders[0]), "--model", "no-such-house/no-such-model", env=env)
    assert done.returncode == 3
    assert "no-such-house/no-such-model" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "There is no SET"),
        (("--compare", "only-one"), "requires 2"),
        (("--compare", __file__, __file__, "."), "nothing else"),
        (("--plots", __file__, "."), "is a file"),
    ],
)
def test_wrong_usage_is_said(memcon: Run, words: tuple[str, ...], said: str) -> None:
    done = memcon("eval", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_cannot_be_written_is_said_before_anything_is_asked(
    memcon: Run, folders: list[Path], tmp_path: Path
) -> None:
    done = memcon("eval", str(folders[0]), "--runs", str(tmp_path / "no" / "run.jsonl"))
    assert done.returncode == 3
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_matplotlib_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError) as raised:
        plots.prepare_plots(tmp_path / "pictures")
    assert raised.value.mend == 'pip install "memcon[plots]"'
    assert not (tmp_path / "pictures").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        plots.prepare_plots(tmp_path / "file" / "pictures")


def test_the_same_figures_make_the_same_pictures(tmp_path: Path) -> None:
    outcomes = tuple(
        Outcome(
            *(f"q{n}", "?", n % 3 > 0, "answered", n / 40, n % 3 > 0 and n % 7 > 0),
            *(dict.fromkeys(MEASURES), (), (), 1.0),
        )
        for n in range(41)
    )
    # More sets than colours, and one in which nothing is right.
    wrong = Evaluation("wrong", "f", None, outcomes[::3])
    sets = [*(Evaluation(f"set {n}", "f", None, outcomes[n:]) for n in range(9)), wrong]
    pictures = []
    for name in ("one", "two"):
        plots.prepare_plots(tmp_path / name)
        plots.draw_reliability(sets, tmp_path / name / "reliability.png")
        plots.draw_risk_coverage(sets, tmp_path / name / "risk-coverage.png")
        pictures.append(
            [(tmp_path / name / f).read_bytes() for f in ("reliability.png", "risk-coverage.png")]
        )
    assert pictures[0] == pictures[1]


def test_a_file_of_questions_is_asked_of_an_archive(
    memcon: Run, cache: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    build(root, cache, *invented()).close()
    rows = [
        {
            "id": f"q{number}",
            "question": question,
            "kind": "fact" if words else "near",
            "answerable": bool(words),
            "doc_ids": ["ledger"] if words else [],
            "pattern": words or "",
            "why": "",
        }
        for number, (question, words) in enumerate(QUESTIONS)
    ]
    path, runs = tmp_path / "keeper.jsonl", tmp_path / "run.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    done = memcon("eval", str(path), "--runs", str(runs), archive=root)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["first", "1.0000"] in lines
    assert ["fact", "2", *("1.00", "1.00", "1.00", "0.00", "–", "0.00", "1.00", "1.00")] in lines
    assert ["all", "3", "2", *("0", "1", "0", "0", "0", "0", "0")] in lines
    assert [outcome.kind for outcome in read_run(runs)[0].outcomes] == ["fact", "fact", "near"]
    form = json.loads(memcon("eval", str(path), "--json", archive=root).stdout)
    assert (form["schema"], form["set"], form["first"]) == ("memcon.eval/1", "keeper", 1.0)
    assert form["kinds"]["near"]["declined"] == 1.0

    wrong = memcon("eval", str(tmp_path / "run.jsonl"), archive=root)
    assert wrong.returncode == 3
    assert "is no question" in wrong.stderr
