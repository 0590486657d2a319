import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from tests.support.paths import ROOT

PACKAGES = ("corpus", "index", "bot")
# The modules with sentence-transformers: one exports encoders, one cross-encoders.
EXPORTING = ("index/encoding/export.py", "index/encoding/crossencoder_export.py")
CONNECTING = "index/milvus/connection.py"  # the one module with pymilvus
SPREADING = "index/ray/executor.py"  # the one module with Ray
# Only the command line downloads: whoever asks on Discord must not make the bot fetch anything.
DOWNLOADING = {
    "corpus.web.downloads",
    "corpus.web.fetching",
    "corpus.web.hosts",
    "urllib3",
    "bot.commands.corpus",
}
MAY_DOWNLOAD = {
    *("corpus/web/downloads.py", "corpus/web/fetching.py", "corpus/web/hosts.py"),
    *("bot/commands/corpus.py", "bot/cli.py"),
}
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
)


CONFTESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("conftest.py"))


def violations(name: str, source: str) -> list[str]:
    """Return what the module `name` does against the rules of the design, a line each."""
    path, tree = PurePosixPath(name), ast.parse(source)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    found = []
    for node, module in imports(tree, path):
        top = module.split(".")[0]
        if top == "discord" and path.parts[:2] != ("bot", "discord"):
            found.append(f"{node.lineno}: imports discord")
        below = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        full = {module, *(f"{module}.{each}" for each in below)}
        if name not in MAY_DOWNLOAD:
            found += [f"{node.lineno}: imports {each}" for each in sorted(full & DOWNLOADING)]
        if top == "sentence_transformers" and (name not in EXPORTING or id(node) not in inside):
            found.append(f"{node.lineno}: imports sentence_transformers")
        if top == "pymilvus" and (name != CONNECTING or id(node) not in inside):
            found.append(f"{node.lineno}: imports pymilvus")
        if top == "ray" and (name != SPREADING or id(node) not in inside):
            found.append(f"{node.lineno}: imports ray")
    if path.parts[0] != "bot":
        found += [f"{node.lineno}: {what}" for node, what in habits(tree)]
    return found


def imports(tree: ast.Module, path: PurePosixPath) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """Yield every module that is imported, relative ones and those by name as well."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((node, alias.name) for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield node, module
            case ast.ImportFrom(level=level, module=module):
                package = list(path.parts[: len(path.parts) - level])
                below = module.split(".") if module else []
                if package or below:
                    yield node, ".".join(package + below)
                else:  # "from ... import bot" above the packages
                    yield from ((node, alias.name) for alias in node.names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node, module


def habits(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield where a module reads the environment or prints; to set a variable is not to read it."""
    written = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="setdefault")))
                | ast.Subscript(value=value, ctx=ast.Store() | ast.Del())
            ):
                written.add(id(value))
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="environ" | "environb" | "getenv" | "getenvb"):
                if id(node) not in written:
                    yield node, "reads the environment"
            case ast.ImportFrom(module="os", names=names):
                if {alias.name for alias in names} & {"environ", "environb", "getenv", "getenvb"}:
                    yield node, "reads the environment"
            case ast.Name(id="print"):
                yield node, "prints"


def test_layers_are_kept_and_no_imports_go_in_circles() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", MODULES)
def test_a_module_keeps_to_the_rules_of_the_design(name: str) -> None:
    assert violations(name, (ROOT / name).read_text(encoding="utf-8")) == []


def test_every_package_is_walked() -> None:
    assert {name.split("/")[0] for name in MODULES} == set(PACKAGES)
    assert {"corpus/readers/pdf/words.py", *EXPORTING, CONNECTING, SPREADING} <= set(MODULES)


IMPORT_DISCORD = "imports discord"
IMPORT_RAY = "imports ray"
IMPORT_MODEL = "imports sentence_transformers"
IMPORT_MILVUS = "imports pymilvus"
READ = "reads the environment"


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("index/a.py", "import discord", IMPORT_DISCORD),
        ("bot/cli.py", "from discord.ext import commands", IMPORT_DISCORD),
        ("bot/discord.py", "import discord", IMPORT_DISCORD),
        (EXPORTING[0], "import sentence_transformers", IMPORT_MODEL),
        (EXPORTING[1], "class A:\n  import sentence_transformers", IMPORT_MODEL),
        (
            "index/build.py",
            "def f():\n  from sentence_transformers import util",
            IMPORT_MODEL,
        ),
        ("bot/cli.py", "def f():\n  import sentence_transformers", IMPORT_MODEL),
        (CONNECTING, "import pymilvus", IMPORT_MILVUS),
        ("index/milvus/a.py", "def f():\n  from pymilvus import MilvusClient", IMPORT_MILVUS),
        ("bot/a.py", "import pymilvus.client", IMPORT_MILVUS),
        ("index/building/build.py", "def f():\n  import ray", IMPORT_RAY),
        ("bot/commands/archives.py", "def f():\n  from ray.util import a", IMPORT_RAY),
        (SPREADING, "import ray", IMPORT_RAY),
        ("bot/discord/a.py", "from corpus.web import fetching", "imports corpus.web.fetching"),
        (
            "bot/discord/a.py",
            "def f():\n  import bot.commands.corpus",
            "imports bot.commands.corpus",
        ),
        (
            "bot/commands/index.py",
            "from corpus.web.downloads import Downloads",
            "imports corpus.web.downloads",
        ),
        ("index/a.py", "import urllib3", "imports urllib3"),
        ("corpus/a.py", "import os\nos.environ['A']", READ),
        ("corpus/a.py", "import os as o\nx = o.environ.get('A')", READ),
        ("index/a.py", "import os\nos.getenv('A')", READ),
        ("index/a.py", "import os\nx = os.environ.setdefault('A', '1')", READ),
        ("index/a.py", "from os import environ as e", READ),
        ("index/a.py", "print('x')", "prints"),
        ("corpus/a.py", "show = print", "prints"),
    ],
)
def test_the_check_finds_each_violation(name: str, source: str, found: str) -> None:
    assert [words.split(": ")[1] for words in violations(name, source)] == [found]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("corpus/a.py", "import os, json\nfrom corpus.b import c\nfrom . import d"),
        ("corpus/readers/a.py", "from ..documents import Span"),
        ("index/a.py", "import corpus.documents\nfrom index.b import c"),
        ("index/building/a.py", "from index.text.b import c\nimport index.weights"),
        ("index/a.py", "import indexes, bottle, discordant"),
        ("index/a.py", "import os\nos.environ['A'] = '1'\nos.environ.setdefault('A', '1')"),
        ("index/a.py", "console.print('x')\npprint(1)"),
        (EXPORTING[0], "def f():\n  import sentence_transformers"),
        (CONNECTING, "def f():\n  import pymilvus"),
        ("index/building/a.py", "def f():\n  from index.milvus.b import c"),
        (SPREADING, "def f():\n  import ray"),
        (
            EXPORTING[1],
            "def f():\n  with a:\n    from sentence_transformers import b",
        ),
        ("bot/discord/a.py", "import discord\nfrom discord.ext import commands"),
        ("bot/discord/views/a.py", "import discord"),
        ("bot/settings.py", "import os\nprint(os.environ['A'])\nimport index, corpus"),
        ("bot/a.py", "from bot.discord import client\nfrom .discord import client"),
    ],
)
def test_the_check_lets_pass_what_is_allowed(name: str, source: str) -> None:
    assert violations(name, source) == []


@pytest.mark.parametrize("path", CONFTESTS, ids=str)
def test_a_conftest_defines_fixtures_and_nothing_else(path: Path) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    defined = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert defined
    for node in defined:
        assert any("pytest.fixture" in ast.unparse(mark) for mark in node.decorator_list), node.name
