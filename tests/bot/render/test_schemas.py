from collections.abc import Callable, Iterator
from json import loads as load
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.render.schemas import read_schema, schema_names
from tests.support.archives import Run

# Every key of a release: new ones are added to it, none is taken out.
KEYS = Path(__file__).with_name("schema_keys.txt")
QUESTION = "Who translated the records into English?"


def undescribed(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a value that its schema does not describe."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1].replace("~1", "/")]
    for each in schema.get("anyOf", ()):
        if value is not None and each != {"type": "null"}:
            yield from undescribed(value, each, whole)
    if isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield key
            else:
                yield from undescribed(inner, schema["properties"][key], whole)
    if isinstance(value, list) and "items" in schema:
        for inner in value:
            yield from undescribed(inner, schema["items"], whole)


def check(value: dict[str, Any]) -> None:
    schema = read_schema(value["schema"])
    Draft202012Validator(schema).validate(value)
    assert set(undescribed(value, schema, schema)) == set()


def keys_of(schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the path of every key that a schema describes: "memcon.answer/1 quotes[] text"."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1].replace("~1", "/")]
    for each in schema.get("anyOf", ()):
        yield from keys_of(each, whole, path)
    for key, inner in schema.get("properties", {}).items():
        yield f"{path} {key}"
        yield from keys_of(inner, whole, f"{path} {key}")
    if "items" in schema:
        yield from keys_of(schema["items"], whole, f"{path}[]")


def test_keys_are_only_added() -> None:
    recorded = set(KEYS.read_text("utf-8").splitlines())
    assert len(recorded) > 400
    schemas = {name: read_schema(name) for name in schema_names()}
    known = {key for name, schema in schemas.items() for key in keys_of(schema, schema, name)}
    assert recorded - known == set()


def test_every_schema_is_one_by_itself() -> None:
    assert "memcon.answer/1" in schema_names()
    for name in schema_names():
        schema = read_schema(name)
        Draft202012Validator.check_schema(schema)
        assert schema["title"] == name


@pytest.mark.parametrize(
    "question",
    [QUESTION, "Who won the chess game on the moon?", "What does telegram 5517 say?"],
)
def test_answers_fit_their_schema(ask_json: Callable[..., dict[str, Any]], question: str) -> None:
    check(ask_json(question))


@pytest.mark.parametrize(
    "words",
    [
        ("search", "rice imports"),
        ("search", "telegram 5517"),
        ("show", "us-japan-1993-94/cable-5517"),
        ("verify", "numerical targets"),
        ("verify", "numerical targets were a matter of the moon", "--attributed-to", "Gore"),
        ("corpus", "list"),
        ("index", "status"),
    ],
)
def test_output_fits_its_schema(memcon: Run, words: tuple[str, ...]) -> None:
    done = memcon(*words, "--json")
    assert done.returncode in {0, 1}, done.stderr
    check(load(done.stdout))


def test_receipts_and_replays_fit_their_schemas(
    ask_json: Callable[..., dict[str, Any]], memcon: Run
) -> None:
    receipt = ask_json(QUESTION)["receipt"]
    check(load(memcon("history", "--json").stdout))
    check(load(memcon("replay", receipt, "--json").stdout))


def test_a_schema_is_printed(memcon: Run) -> None:
    assert load(memcon("schema", "memcon.answer/1").stdout) == read_schema("memcon.answer/1")
    assert memcon("schema").stdout.split() == schema_names()
    refused = memcon("schema", "memcon.tide/1")
    assert refused.returncode == 2
    assert "memcon.tide/1" in refused.stderr
