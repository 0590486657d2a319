"""The pages of the repository name and link to nothing that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.paths import ROOT

PACKAGES = ("bot", "corpus", "index", "tests")
README_LINES = 150
# These folders hold documents, not pages.
DOCUMENTS = (ROOT / "corpus/collections", ROOT / "tests/historian/records")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *ROOT.glob("*.md"),
        *(page for package in PACKAGES for page in (ROOT / package).rglob("*.md")),
    )
    if not any(path.is_relative_to(folder) for folder in DOCUMENTS)
)
# What is written in an archive, on Discord or on the reader's machine, not in the repository.
ELSEWHERE = {
    *(
        "CURRENT",
        "documents.sqlite",
        "discord.sqlite",
        "receipts.sqlite",
        "feedback.jsonl",
        "settings.toml",
    ),
    "authority.toml",
    *("metadata.csv", "manifest.json", "memcon.1", "robots.txt", "shared/"),
}
_SUFFIX = r"\.(?:py|md|toml|txt|json|jsonl|tsv|npz|svg|png|xml|sqlite|yaml|service|mako)"
_PATH = re.compile(rf"(?:[\w.-]+/)+(?:[\w.-]+)?|[\w-]+{_SUFFIX}|(?:Makefile|Containerfile)")
# Letters that stand for a name: NAME.py, test_NAME.py.
_PLACEHOLDER = re.compile(r"\b(?:test_)?[A-Z]{2,}(?=[./]|$)")
_NOT_FILES = re.compile(
    r"memcon\.\w+/\d|\.venv/|/|~|[\w.]+@|text/|application/|us-japan-1993-94/|my-|papers/"
)
_IDENTIFIER = re.compile(r"[A-Za-z_]+")
_MODULE = re.compile(r"(?:bot|corpus|index|tests)(?:\.\w+)+")
_MAKE = re.compile(r"\bmake ([a-z]+)(?![\w-])")
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def is_there(name: str, page: Path) -> bool:
    """Whether a path exists: from the root, from the page, or as the end of a path in a package."""
    if any((top / name).exists() for top in (ROOT, page.parent)):
        return True
    return any(next((ROOT / each).rglob(name.rstrip("/")), None) for each in PACKAGES)


def broken_links(page: Path) -> list[str]:
    found = []
    for token in tokens(page.read_text("utf-8")):
        address = str(token.attrGet("href") or token.attrGet("src") or "")
        if not address or "://" in address or address.startswith("mailto:"):
            continue
        name, _, anchor = address.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(address)
    return found


def unknown_names(page: Path) -> list[str]:
    """Return the paths, modules and targets of make in a page's code that do not exist."""
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    found = []
    for token in tokens(page.read_text("utf-8")):
        if token.type not in {"code_inline", "fence", "code_block"}:
            continue
        words = token.content.strip()
        found += [f"make {name}" for name in _MAKE.findall(words) if name not in targets]
        if token.type != "code_inline" or words in ELSEWHERE or _NOT_FILES.match(words):
            continue
        if _PLACEHOLDER.search(words):
            continue
        if _MODULE.fullmatch(words):
            path = words.replace(".", "/")
            if not any((ROOT / each).exists() for each in (path, f"{path}.py")):
                found.append(words)
        elif _PATH.fullmatch(words) and not is_there(words, page):
            found.append(words)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert broken_links(ROOT / name) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_path_module_and_target_that_a_page_names_is_there(name: str) -> None:
    assert unknown_names(ROOT / name) == []


def test_every_name_of_the_walks_is_defined() -> None:
    code = "\n".join(
        path.read_text("utf-8") for each in PACKAGES for path in (ROOT / each).rglob("*.py")
    )
    named = {
        token.content
        for token in tokens((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
        if token.type == "code_inline" and _IDENTIFIER.fullmatch(token.content)
    }
    weights = set(re.findall(r'"(\w+)"', (ROOT / "index/weights.json").read_text("utf-8")))
    assert {"FORMATS", "redraw"} <= named
    assert [
        name
        for name in sorted(named - weights)
        if not re.search(rf"(?:def|class) {name}\b|^ *{name}(?: =|:)", code, re.MULTILINE)
    ] == []


def test_the_first_page_is_short() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= README_LINES


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n[no](gone.md) [here](#a-page) [not here](#elsewhere) ![no](gone.png)\n\n"
        "`corpus/gone.py`, `corpus/dates.py`, `tests.tools.gone`, `tests.tools.fit`, `make gone`, "
        "`make test`, `corpus/readers/NAME.py`, `gone/`\n",
        "utf-8",
    )
    assert broken_links(page) == ["gone.md", "#elsewhere", "gone.png"]
    assert unknown_names(page) == ["corpus/gone.py", "tests.tools.gone", "make gone", "gone/"]
