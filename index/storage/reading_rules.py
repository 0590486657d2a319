"""The rules by which files become passages, hashed, so that files are read again when they change.

The rules of a format are its reader and every module that this imports within corpus, the data
files beside these, and the versions of its libraries. The rules of all formats are what makes a
document of a reading and passages of a document, and how formats are recognised. Comments and
docstrings do not count.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from corpus.authority.names import Entry
from corpus.readers.formats import FORMATS, Format

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("corpus.", "index.text.")
# These change no reading: a file with an error is read again anyway, and of the registry only the
# entry of a format counts.
_LEFT_OUT = {"corpus.errors", "corpus.readers.formats"}
_COMMON = "all"
_COMMON_MODULES: tuple[str, ...] = (
    "corpus.authority.names",
    "corpus.ingest.expansion",
    "index.text.passages",
    "index.text.sentences",
)
_COMMON_LIBRARIES: tuple[str, ...] = ("py3langid", "sentencex")
_OF_READERS = {library for each in FORMATS for library in each.libraries}
LIBRARIES = tuple(sorted({*_COMMON_LIBRARIES, *_OF_READERS}))
_STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


class ReadingRules:
    """Signs readings with the hashes of today's rules, and compares signatures with these.

    A signature is a list of hashes, "all:1f3… .pdf:07a…": those of the rules for all formats and
    for each format that the file was read as.
    """

    def __init__(
        self,
        entries: Sequence[Entry] = (),
        ocr: str | None = None,
        *,
        formats: Sequence[Format] = FORMATS,
        root: Path = _ROOT,
    ) -> None:
        """Prepare to hash the code under `root`.

        `entries` are the persons and subjects of the archive's authority files; `ocr` the languages
        in which pictures of pages are read, None for not at all.
        """
        self._formats = {each.suffix: each for each in formats}
        self._root, self._ocr = root, ocr
        recognition = [
            (f.suffixes, f.magic, f.offset, f.within, f.members, f.content_types, f.is_text)
            for f in formats
        ]
        self._common = repr((entries, recognition))
        self._hashes: dict[str, str] = {}

    def sign(self, formats: Collection[str]) -> str:
        """Return the signature of a file read as these formats, by their usual suffixes.

        It is empty, and so never holds, for a format that is not known.
        """
        if not self._formats.keys() >= set(formats):
            return ""
        return " ".join(self._hash(each) for each in sorted({_COMMON, *formats}))

    def sign_all(self) -> str:
        """Return the signature of all rules."""
        return self.sign(self._formats.keys())

    def find_changed(self, signature: str) -> list[str] | None:
        """Return the names of the formats in a signature whose rules have changed.

        None if the rules of all formats have, or the signature is of an older form.
        """
        changed = []
        for known in signature.split():
            suffix = known.partition(":")[0]
            if suffix != _COMMON and suffix not in self._formats:
                return None
            if known != self._hash(suffix):
                changed.append(suffix)
        return None if _COMMON in changed else [self._formats[each].name for each in changed]

    def _hash(self, suffix: str) -> str:
        """Return the hash of the rules of a format, or of all formats, with its suffix."""
        if suffix not in self._hashes:
            if suffix == _COMMON:
                rules, modules, libraries = self._common, _COMMON_MODULES, _COMMON_LIBRARIES
            else:
                known = self._formats[suffix]
                rules = repr((known.function, self._ocr if known.takes_ocr else None))
                modules = (f"corpus.readers.{known.module}",)
                libraries = known.libraries
            digest = hashlib.sha256(rules.encode())
            for part in (*self._code_of(modules), *map(_versioned, sorted(libraries))):
                digest.update(part.encode() + b"\n")
            self._hashes[suffix] = f"{suffix}:{digest.hexdigest()[:16]}"
        return self._hashes[suffix]

    def _code_of(self, modules: Iterable[str]) -> Iterator[str]:
        """Yield the hash of each of the modules, of all that they import, and of their data."""
        closure = self.find_closure(modules)
        folders = {path.parent for path in closure.values()}
        for path in closure.values():
            yield f"{path.relative_to(self._root)} {_parse(path)[0]}"
        for path in sorted(each for folder in folders for each in folder.glob("*.toml")):
            yield f"{path.relative_to(self._root)} {hashlib.sha256(path.read_bytes()).hexdigest()}"

    def find_closure(self, modules: Iterable[str]) -> dict[str, Path]:
        """Return the paths of these modules and of all that they import, by their names, sorted.

        Only modules of corpus and index.text count, and of these only what can change a reading.
        """
        closure: dict[str, Path] = {}
        waiting = list(modules)
        while waiting:
            name = waiting.pop()
            if name in closure or name in _LEFT_OUT or not name.startswith(_PACKAGES):
                continue
            path = self._root.joinpath(*name.split("."))
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if path.is_file():
                closure[name] = path
                waiting += _parse(path)[1]
        return dict(sorted(closure.items()))


def _parse(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return what `_parse_state` does for a module as it is now."""
    state = path.stat()
    return _parse_state(path, state.st_size, state.st_mtime_ns)


@cache
def _parse_state(path: Path, size: int, modified: int) -> tuple[str, tuple[str, ...]]:
    """Return the hash of a module's code, without docstrings, and the names that it imports.

    Names are modules, or objects in modules.
    """
    # A process may build many times; size and time tell whether a module has changed since.
    del size, modified
    tree = ast.parse(path.read_bytes())
    imported: list[str] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Import():
                imported += [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                imported += [module, *(f"{module}.{alias.name}" for alias in node.names)]
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                first = node.body[0] if node.body else None
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    del node.body[0]
        waiting += [each for each in ast.iter_child_nodes(node) if isinstance(each, _STATEMENTS)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(imported)


def _versioned(library: str) -> str:
    # Slow to import, and a question needs no versions.
    from importlib.metadata import version

    return f"{library} {version(library)}"
