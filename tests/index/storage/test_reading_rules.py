import ast
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import index.storage.reading_rules as module
from corpus.authority.names import Person
from corpus.readers.formats import FORMATS, Format
from index.storage.reading_rules import ReadingRules

ROOT = Path(__file__).resolve().parents[3]
ALL = [each.suffix for each in FORMATS]


def changed(
    tree: Path, entries: tuple[Person, ...] = (), ocr: str | None = None
) -> list[str] | None:
    """Return the formats that are stale under the code in `tree`, sorted."""
    found = ReadingRules(entries, ocr, root=tree).find_changed(ReadingRules().sign(ALL))
    return None if found is None else sorted(found)


@pytest.fixture(scope="module", autouse=True)
def parsed_once() -> Iterator[None]:
    """Parse each text once, not in the copy of each test again."""
    parse, known = module._parse, dict[bytes, Any]()

    def look_up(path: Path) -> Any:
        data = path.read_bytes()
        if data not in known:
            known[data] = parse(path)
        return known[data]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_parse", look_up)
        yield


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy the code that reads."""
    for part in ("corpus", "index/text"):
        unwanted = shutil.ignore_patterns("__pycache__", "collections")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=unwanted)
    return tmp_path


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_the_same_code_anywhere_makes_nothing_stale(tree: Path) -> None:
    assert changed(tree) == []


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("corpus/web/fetching.py", []),
        ("corpus/web/downloads.py", []),
        ("corpus/citations/exports.py", []),
        ("corpus/errors.py", []),
        ("corpus/ingest/isolation.py", []),
        ("corpus/readers/pdf/words.py", ["PDF"]),
        ("corpus/readers/epub.py", ["EPUB"]),
        ("corpus/readers/rtf.py", ["RTF"]),
        ("corpus/readers/mail/quoting.py", ["e-mail"]),
        ("corpus/readers/tei/frus_dates.py", ["XML"]),
        # TEI and e-mail hold pages.
        ("corpus/readers/html/main_content.py", ["HTML", "XML", "e-mail"]),
        ("corpus/readers/tables.py", ["CSV", "JSON", "JSON lines"]),
        ("corpus/readers/archives.py", ["ZIP", "bzip2", "gzip", "tar", "xz"]),
        ("corpus/ingest/recognition.py", None),
        ("corpus/ingest/assembly.py", None),
        ("corpus/documents.py", None),
        ("corpus/structure/detection.py", None),
        ("index/text/sentences.py", None),
    ],
)
def test_only_the_formats_whose_readers_use_a_changed_module_are_stale(
    file: str, stale: list[str] | None, tree: Path
) -> None:
    append(tree / file, "\nADDED = 1\n")
    found = changed(tree)
    assert (found if found is None else sorted(found)) == (
        stale if stale is None else sorted(stale)
    )


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("corpus/readers/mail/correspondence.toml", ["e-mail", "mailbox"]),
        ("corpus/authority/authority.toml", None),
    ],
)
def test_data_beside_a_module_counts(file: str, stale: list[str] | None, tree: Path) -> None:
    append(tree / file, "\n# A remark, as the hash of data has no grammar.\n")
    assert changed(tree) == stale


def test_comments_and_docstrings_do_not_count(tree: Path) -> None:
    path = tree / "corpus/readers/rtf.py"
    text = path.read_text()
    first = ast.get_docstring(ast.parse(text), clean=False)
    assert first
    path.write_text("# A remark.\n" + text.replace(first, "Another sentence."))
    assert changed(tree) == []


def test_a_module_imported_in_a_handler_or_a_case_counts(tree: Path) -> None:
    append(
        tree / "corpus/readers/rtf.py",
        "\ntry:\n    pass\nexcept ValueError:\n    from corpus.readers import added\n",
    )
    (tree / "corpus/readers/added.py").write_text("A = 1\n")
    before = ReadingRules(root=tree).sign([".rtf"])
    (tree / "corpus/readers/added.py").write_text("A = 2\n")
    assert ReadingRules(root=tree).find_changed(before) == ["RTF"]


def test_what_the_archive_knows_of_persons_counts_for_all_and_ocr_for_pdf(tree: Path) -> None:
    entry = Person("Ada Quill")
    assert changed(tree, entries=(entry,)) is None
    assert changed(tree, ocr="eng") == ["PDF"]


def test_a_new_version_of_a_library_counts_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = ReadingRules().sign(ALL)
    real = module._versioned
    monkeypatch.setattr(
        module, "_versioned", lambda name: "0" if name == "python-docx" else real(name)
    )
    assert ReadingRules().find_changed(before) == ["Word"]


def test_an_entry_that_changes_how_formats_are_recognised_counts_for_all() -> None:
    before = ReadingRules().sign(ALL)
    named = [replace(each, name=each.name.upper(), media_types=()) for each in FORMATS]
    assert ReadingRules(formats=named).find_changed(before) == []
    added = [*FORMATS, Format("minutes", (".minutes",), "plain_text", "read_text")]
    assert ReadingRules(formats=added).find_changed(before) is None


def test_a_signature_of_an_older_form_or_of_a_format_no_longer_read_does_not_hold() -> None:
    rules = ReadingRules()
    assert rules.find_changed("0123456789abcdef") is None
    assert rules.find_changed(rules.sign([".txt"]).replace(".txt", ".gone")) is None
    assert rules.sign([".gone"]) == ""


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_an_entry_names_every_library_that_its_reader_imports(known: Format) -> None:
    rules = ReadingRules()
    common = rules.find_closure(module._COMMON_MODULES)
    paths = rules.find_closure([f"corpus.readers.{known.module}"])
    imported = {
        name.partition(".")[0]
        for key in paths.keys() - common.keys()
        for name in module._parse(paths[key])[1]
    }
    distributions = packages_distributions()
    found = {
        distribution.lower().replace("_", "-")
        for name in imported - {"corpus", "index"}
        for distribution in distributions.get(name, ())
    }
    assert found <= set(known.libraries)
