import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.documents import Document, Problem, Span
from corpus.ingest import isolation
from corpus.ingest.expansion import Opened
from corpus.ingest.isolation import ReadingLimits, read_isolated

SHORT = ReadingLimits(seconds=1, memory=1 << 28, output=1 << 20)
CODE = """\
import sys; sys.path.insert(0, {root!r}); sys.argv = ["misbehaving"]
import tests.support.misbehaving_reader
from corpus.ingest.worker import serve; serve({memory})
"""
TELEGRAM = "The Talks\n\n(Prime Minister) We spoke [TN: blacked out] of rice.\n"


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Begin and end without a process that waits."""
    isolation._end_all()
    yield
    isolation._end_all()


@pytest.fixture
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reading process have the readers that misbehave."""
    monkeypatch.setattr(isolation, "_CODE", CODE)


def read(
    name: str, data: bytes = b"x", limits: ReadingLimits = SHORT
) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for item in read_isolated(Opened(name, f"/in/{name}"), data, limits):
        if isinstance(item, Problem):
            problems.append(item)
        else:
            documents.append(item)
    return documents, problems


def texts(documents: list[Document]) -> list[str]:
    return [document.text for document in documents]


def test_a_document_comes_out_as_it_was_read(tmp_path: Path) -> None:
    (document,), problems = read("talks.md", f"---\nnumber: 0412\n---\n{TELEGRAM}".encode())
    assert problems == []
    assert document.doc_id == "talks"
    assert document.source == "/in/talks.md"
    assert document.provenance.number == "0412"
    assert [turn.label for turn in document.structure.turns] == ["Prime Minister"]
    assert [kind.kind for kind in document.structure.redactions] == ["redaction"]
    assert isinstance(document.structure.blocks[0], Span)


def test_one_process_reads_file_after_file() -> None:
    read("a.txt", b"Rice.")
    (process,) = isolation._idle
    for number in range(20):
        documents, _ = read("a.txt", b"Rice %d." % number)
        assert texts(documents) == [f"Rice {number}."]
    assert isolation._idle == [process]


def test_a_process_that_was_ended_while_it_waited_is_replaced() -> None:
    read("a.txt", b"Rice.")
    (process,) = isolation._idle
    process._process.kill()
    process._process.wait()
    documents, problems = read("a.txt", b"Wheat.")
    assert (texts(documents), problems) == (["Wheat."], [])


@pytest.mark.usefixtures("misbehaving")
@pytest.mark.parametrize(
    ("kind", "before", "reason"),
    [
        ("loop", 1, "took longer than 1 s"),
        ("grow", 0, "needs more than 256 MB of memory"),
        ("crash", 0, "the reader crashed"),
        ("go_on", None, "holds more than 1 MB of text"),
        (
            "fail",
            1,
            "the file is damaged, or of no known form (KeyError: 'a part\\nthat is missing')",
        ),
        ("sink", 0, "the file is nested too deeply"),
        ("refuse", 0, "of no use"),
    ],
)
def test_whatever_a_reader_does_the_file_is_reported_and_the_next_one_read(
    kind: str, before: int | None, reason: str
) -> None:
    # Only a loop is to be late: the others are not, however busy the machine is.
    limits = SHORT if kind == "loop" else replace(SHORT, seconds=30)
    documents, problems = read(f"hostile.{kind}", limits=limits)
    assert before is None or len(documents) == before
    assert problems == [Problem(f"/in/hostile.{kind}", reason)]
    documents, problems = read("good.txt", b"Rice.")
    assert (texts(documents), problems) == (["Rice."], [])


@pytest.mark.usefixtures("misbehaving")
def test_what_a_library_prints_or_asks_for_is_no_answer_and_no_request() -> None:
    documents, problems = read("a.chatter")
    assert problems == []
    assert texts(documents) == ["Read 0 bytes of what was not meant for me."]


@pytest.mark.usefixtures("misbehaving")
def test_a_file_inside_another_that_ends_the_reader_costs_none_of_the_others() -> None:
    inside = b"a.txt b.crash c.txt d.loop e.png f.txt"
    documents, problems = read("papers.unpack", inside)
    assert {each.doc_id: each.text for each in documents} == {
        "papers/a": "a.txt was read.",
        "papers/c": "c.txt was read.",
        "papers/d": "Before the loop.",
        "papers/f": "f.txt was read.",
        "papers/end": "After all parts.",
    }
    assert problems == [
        Problem("/in/papers.unpack: b.crash", "the reader crashed"),
        Problem("/in/papers.unpack: d.loop", "took longer than 1 s"),
        Problem("/in/papers.unpack: e.png", "memcon does not read this kind of file (.png)"),
    ]
    assert documents[0].source == "/in/papers.unpack: a.txt"


@pytest.mark.usefixtures("misbehaving")
def test_an_archive_of_nothing_but_crashes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_MAX_ENDS", 3)
    _, problems = read("papers.unpack", b"a.crash b.crash c.crash d.crash")
    assert [problem.reason for problem in problems] == ["the reader crashed"] * 3 + [
        "files inside it ended the reader 3 times; the rest is left"
    ]


def test_a_process_that_waits_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_PATIENCE", 0.2)
    read("a.txt", b"Rice.")
    (process,) = isolation._idle
    process._process.wait(timeout=20)
    process._ended.wait(timeout=20)
    assert isolation._idle == []


def test_files_are_read_from_several_threads_at_once() -> None:
    found: dict[int, list[str]] = {}

    def work(number: int) -> None:
        for _ in range(5):
            documents, _ = read("a.txt", b"Rice %d." % number, ReadingLimits())
            found.setdefault(number, []).extend(texts(documents))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [f"Rice {number}."] * 5 for number in range(3)}


def test_reading_that_is_given_up_half_way_ends_its_process() -> None:
    items = read_isolated(Opened("a.jsonl", "a.jsonl"), b'{"text": "Rice."}\n' * 3)
    assert isinstance(next(items), Document)
    items.close()
    assert isolation._idle == []


def test_an_answer_can_make_nothing_but_what_is_an_answer() -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("exit 1",)

    for item in (Attack(), threading.Lock, subprocess.Popen):
        with pytest.raises(pickle.UnpicklingError):
            isolation.load_answer(pickle.dumps(item))
    assert isolation.load_answer(pickle.dumps(Problem("a", "b"))) == Problem("a", "b")


def test_the_process_runs_nothing_of_the_caller_and_ends_with_him(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    # A script without a guard, which fills the folder it is run in with modules of known names.
    for name in ("corpus", "pickle", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "caller.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(root)!r}); sys.path.pop(1)\n"
        "from corpus.ingest.expansion import Opened\n"
        "from corpus.ingest.isolation import read_isolated, _idle\n"
        "print('begun')\n"
        "(document,) = read_isolated(Opened('a.txt', 'a.txt'), b'Rice.')\n"
        "print(document.text, _idle[0]._process.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    begun, words, pid = done.stdout.split()
    assert (begun, words, done.stderr) == ("begun", "Rice.", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_the_process_loads_no_model_library() -> None:
    code = (
        "import sys; from corpus.ingest.expansion import Expansion, Opened; "
        "import corpus.ingest.worker; "
        "list(Expansion(Opened('a.md', 'a.md')).read(b'# Rice\\n\\nWheat.')); "
        "print({'torch', 'onnxruntime', 'numpy', 'index'} & set(sys.modules))"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_caller_with_much_memory_does_not_wear_the_process_out() -> None:
    held = b"x" * (200 << 20)
    read("a.txt", b"Rice.")
    (process,) = isolation._idle
    read("a.txt", b"Wheat.")
    assert isolation._idle == [process]
    assert held
