"""Holds the bot's requests against Discord's own description of its API."""

import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Json
from .faults import as_regex

ROOT = "urn:discord"


@dataclass(frozen=True)
class Violation:
    """One request that Discord's description does not allow."""

    method: str
    path: str
    where: str
    message: str


class Contract:
    """Validates bodies by operation; each operation's validator is made once."""

    def __init__(self, path: Path) -> None:
        # Imported by name: jsonschema carries no types, and is needed only here.
        self._jsonschema: Any = importlib.import_module("jsonschema")
        referencing: Any = importlib.import_module("referencing")
        self._document = json.loads(path.read_text("utf-8"))
        _accept_numeric_snowflakes(self._document)
        _discriminate(self._document, self._document["components"]["schemas"])
        specification = importlib.import_module("referencing.jsonschema").DRAFT202012
        resource = referencing.Resource(contents=self._document, specification=specification)
        self._registry = referencing.Registry().with_resource(ROOT, resource)
        # Templates without a parameter come first: @original before {message_id}.
        templates = sorted(self._document["paths"], key=lambda one: (one.count("{"), one))
        self._paths = [(as_regex(one), one) for one in templates]
        self._validators: dict[tuple[str, str], Any] = {}

    def check(self, method: str, path: str, body: object) -> list[Violation]:
        """Return what is wrong with a request."""
        for pattern, template in self._paths:
            if pattern.match(path) and method.lower() in self._document["paths"][template]:
                break
        else:
            return [Violation(method, path, "", "Discord describes no such operation")]
        validator = self._validator(template, method.lower())
        if validator is None or validator.is_valid(body):
            return []
        best = self._jsonschema.exceptions.best_match(validator.iter_errors(body))
        where = "/".join(map(str, best.absolute_path))
        return [Violation(method, path, where, str(best.message)[:500])]

    def _validator(self, template: str, method: str) -> Any:
        key = (template, method)
        if key not in self._validators:
            operation: Json = self._document["paths"][template][method]
            content = operation.get("requestBody", {}).get("content", {})
            self._validators[key] = None
            if "application/json" in content:
                escaped = template.replace("~", "~0").replace("/", "~1")
                escaped = re.sub(r"[{}]", lambda found: f"%{ord(found[0]):X}", escaped)
                tail = "requestBody/content/application~1json/schema"
                schema = {"$ref": f"{ROOT}#/paths/{escaped}/{method}/{tail}"}
                maker = self._jsonschema.Draft202012Validator
                self._validators[key] = maker(schema, registry=self._registry)
        return self._validators[key]


def _accept_numeric_snowflakes(document: Json) -> None:
    # Discord takes numbers for snowflakes, and discord.py numbers attachments 0, 1, 2.
    snowflake = document["components"]["schemas"]["SnowflakeType"]
    snowflake["type"] = ["string", "integer"]


def _discriminate(node: Any, schemas: Json) -> None:
    """Choose between alternatives by their "type" instead of trying each of them.

    Discord's unions of components nest four deep; trying all takes a tenth of a second.
    """
    if isinstance(node, list):
        for inner in node:
            _discriminate(inner, schemas)
    elif isinstance(node, dict):
        for key in ("oneOf", "anyOf"):
            if isinstance(node.get(key), list):
                chosen = _by_type(node[key], schemas)
                if chosen is not None:
                    del node[key]
                    node.update(chosen)
        for inner in node.values():
            _discriminate(inner, schemas)


def _by_type(members: list[Json], schemas: Json) -> Json | None:
    if all("const" in one for one in members):
        return {"enum": [one["const"] for one in members]}
    objects = [one for one in members if one != {"type": "null"}]
    branches: list[tuple[list[object], Json]] = []
    for member in objects:
        schema = schemas.get(str(member.get("$ref", "")).rpartition("/")[2], {})
        values = schema.get("properties", {}).get("type", {}).get("enum")
        if not values or "type" not in schema.get("required", []):
            return None
        branches.append((values, member))
    every = [value for values, _ in branches for value in values]
    if len(branches) < 2 or len(set(every)) < len(every):
        return None
    return {
        "type": ["object"] if len(objects) == len(members) else ["object", "null"],
        "required": ["type"],
        "properties": {"type": {"enum": every}},
        "allOf": [
            {"if": {"properties": {"type": {"enum": values}}}, "then": member}
            for values, member in branches
        ],
    }
