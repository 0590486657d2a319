"""Discord's error bodies: plain errors, and the tree of a wrong form."""

from collections.abc import Collection
from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]


class ApiError(Exception):
    """An error that is answered to the bot with Discord's status, code and message."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> Json:
        """Return the JSON body."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def unknown(what: str, code: int) -> ApiError:
    """Return the 404 for something that Discord does not know."""
    return ApiError(404, code, f"Unknown {what}")


def missing_access() -> ApiError:
    """Return the 403 for a place the bot is not in."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Return the 403 for a permission the bot lacks."""
    return ApiError(403, 50013, "Missing Permissions")


class FormErrors:
    """Collects what is wrong with a body, field by field, as error 50035 reports it."""

    def __init__(self, prefix: Path = ()) -> None:
        self._prefix = prefix
        self._found: list[tuple[Path, str, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, path: Path, code: str, message: str) -> None:
        """Record one error at the path of the wrong field."""
        self._found.append((self._prefix + path, code, message))

    def required(self, path: Path) -> None:
        """Record that a field is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choice(self, path: Path, value: object, allowed: Collection[object]) -> bool:
        """Check that a value is one of those allowed."""
        # True == 1 in Python, and never in JSON.
        if value in allowed and not isinstance(value, bool):
            return True
        inner = ", ".join(str(one) for one in allowed)
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{inner}}}.")
        return False

    def size(self, path: Path, count: int, least: int, most: int) -> bool:
        """Check a length or a number of elements."""
        if least <= count <= most:
            return True
        if least == 0:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        else:
            message = f"Must be between {least} and {most} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", message)
        return False

    def text(self, path: Path, holder: Json, most: int, least: int = 0) -> str:
        """Check the string at the end of the path, and return it, or nothing where it is wrong.

        With a least length of 0 the field may be left out.
        """
        value = holder.get(str(path[-1]))
        if value is None:
            if least:
                self.required(path)
            return ""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return ""
        return value if self.size(path, len(value), least, most) else ""

    def number(self, path: Path, holder: Json, least: int, most: int) -> int | None:
        """Check the whole number at the end of the path, and return it."""
        value = holder.get(str(path[-1]))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if value < least:
            message = f"int value should be greater than or equal to {least}."
            self.add(path, "NUMBER_TYPE_MIN", message)
        elif value > most:
            message = f"int value should be less than or equal to {most}."
            self.add(path, "NUMBER_TYPE_MAX", message)
        else:
            return value
        return None

    def items(self, path: Path, holder: Json, most: int, least: int = 0) -> list[Json]:
        """Check the list of objects at the end of the path, and return it."""
        value = holder.get(str(path[-1]))
        if value is None:
            if least:
                self.required(path)
            return []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        self.size(path, len(value), least, most)
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                message = "Only dictionaries may be used in a DictType"
                self.add((*path, index), "DICT_TYPE_CONVERT", message)
        return [item for item in value if isinstance(item, dict)]

    def tree(self) -> Json:
        """Return the errors as nested objects with `_errors` at the leaves."""
        root: Json = {}
        for path, code, message in self._found:
            node = root
            for key in path:
                node = node.setdefault(str(key), {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        return root

    def check(self) -> None:
        """Raise error 50035 where anything was recorded."""
        if self._found:
            raise ApiError(400, 50035, "Invalid Form Body", self.tree())
