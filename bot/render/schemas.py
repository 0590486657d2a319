"""The JSON Schemas of memcon's JSON output, in `schemas.json` beside this module.

Within a schema's number, keys are added and never renamed or removed.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("schemas.json")
_REFERENCE = re.compile(r'"\$ref": "#/\$defs/([^"]+)"')


def schema_names() -> list[str]:
    """Return the names of the schemas, such as "memcon.answer/1"."""
    return sorted(name for name in _definitions() if name.startswith("memcon."))


def read_schema(name: str) -> dict[str, Any]:
    """Return a schema with the definitions it refers to; raises KeyError for an unknown name."""
    definitions = _definitions()
    needed: dict[str, Any] = {}
    queue = [name]
    while queue:
        each = queue.pop()
        if each not in needed:
            needed[each] = definitions[each]
            # Names with a slash are escaped in references.
            found = _REFERENCE.findall(json.dumps(definitions[each]))
            queue += (reference.replace("~1", "/") for reference in found)
    own = needed.pop(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        **own,
        "$defs": dict(sorted(needed.items())),
    }


@cache
def _definitions() -> dict[str, Any]:
    definitions: dict[str, Any] = json.loads(PATH.read_text("utf-8"))["$defs"]
    return definitions
