"""Application commands: what Discord accepts at a sync, and what is synced."""

import unicodedata
from collections.abc import Iterator

from . import limits
from .clock import Snowflakes
from .errors import ApiError, FormErrors, Json, Path, unknown

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11

LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg "
    "ru uk hi th zh-CN ja zh-TW ko".split()
)
DEFAULTS: Json = {
    "default_member_permissions": None,
    "dm_permission": True,
    "nsfw": False,
    "name_localizations": None,
    "description_localizations": None,
}


def valid_name(name: str) -> bool:
    """Return whether a slash command or an option may have this name."""
    if not 1 <= len(name) <= limits.COMMAND_NAME or name != name.lower():
        return False
    # Discord's pattern is [-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]; re knows no scripts, and
    # marks (M) stand in for the vowel signs of those two.
    return all(char in "-_'" or unicodedata.category(char)[0] in "LNM" for char in name)


def _localized(holder: Json, key: str) -> Iterator[tuple[str, object]]:
    value = holder.get(f"{key}_localizations")
    if isinstance(value, dict):
        yield from value.items()


def size(command: Json) -> int:
    """Return the characters that count towards the limit of 8,000."""
    total = 0
    for key in ("name", "description"):
        texts = [command.get(key), *(text for _, text in _localized(command, key))]
        # Of a text and its translations the longest counts.
        total += max(len(str(text or "")) for text in texts)
    if "value" in command:
        total += len(str(command["value"]))
    for key in ("options", "choices"):
        total += sum(size(inner) for inner in command.get(key) or [])
    return total


def check_command(command: Json, errors: FormErrors, path: Path, *, in_guild: bool) -> None:
    """Check one command as Discord does at a sync."""
    kind = command.get("type") or CHAT
    if not errors.choice((*path, "type"), kind, (CHAT, USER, MESSAGE)):
        return
    if kind == CHAT:
        _check_name(command, errors, path)
        _check_description(command, errors, path)
        _check_options(command, errors, path, (SUBCOMMAND, GROUP))
    else:
        errors.text((*path, "name"), command, limits.COMMAND_NAME, 1)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            errors.add((*path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", message)
    if in_guild:
        for key in ("contexts", "integration_types"):
            if command.get(key) is not None:
                message = "This field is only allowed on global commands"
                errors.add((*path, key), "APPLICATION_COMMAND_GLOBAL_ONLY_FIELD", message)
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        for index, value in enumerate(command.get(key) or []):
            errors.choice((*path, key, index), value, allowed)
    if size(command) > limits.COMMAND_TOTAL:
        message = f"Command exceeds maximum size ({limits.COMMAND_TOTAL})"
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(holder: Json, errors: FormErrors, path: Path) -> None:
    name = errors.text((*path, "name"), holder, limits.COMMAND_NAME, 1)
    if name and not valid_name(name):
        errors.add((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for locale, text in _localized(holder, "name"):
        at = (*path, "name_localizations", locale)
        errors.choice(at, locale, LOCALES)
        if not isinstance(text, str) or not valid_name(text):
            errors.add(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(holder: Json, errors: FormErrors, path: Path) -> None:
    errors.text((*path, "description"), holder, limits.COMMAND_DESCRIPTION, 1)
    for locale, text in _localized(holder, "description"):
        at = (*path, "description_localizations", locale)
        errors.choice(at, locale, LOCALES)
        errors.size(at, len(str(text)), 1, limits.COMMAND_DESCRIPTION)


def _check_options(holder: Json, errors: FormErrors, path: Path, nested: tuple[int, ...]) -> None:
    options = errors.items((*path, "options"), holder, limits.OPTIONS)
    names: set[str] = set()
    optional_seen = False
    for index, option in enumerate(options):
        at = (*path, "options", index)
        _check_name(option, errors, at)
        _check_description(option, errors, at)
        if option.get("name") in names:
            code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
            errors.add((*at, "name"), code, "Option name already exists")
        names.add(str(option.get("name")))
        kind = option.get("type")
        if kind in nested:
            deeper = (SUBCOMMAND,) if kind == GROUP else ()
            _check_options(option, errors, at, deeper)
            continue
        if not errors.choice((*at, "type"), kind, tuple(range(STRING, ATTACHMENT + 1))):
            continue
        if option.get("required") and optional_seen:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            message = "Required options must be placed before non-required options"
            errors.add(at, code, message)
        optional_seen = optional_seen or not option.get("required")
        _check_value_option(option, errors, at)
    kinds = {option.get("type") in (SUBCOMMAND, GROUP) for option in options}
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to others"
        errors.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _check_value_option(option: Json, errors: FormErrors, path: Path) -> None:
    kind = option["type"]
    choices = errors.items((*path, "choices"), option, limits.CHOICES)
    if choices and option.get("autocomplete"):
        code = "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE_INVALID"
        errors.add((*path, "choices"), code, "Choices and autocomplete are mutually exclusive")
    if choices or option.get("autocomplete"):
        errors.choice((*path, "type"), kind, (STRING, INTEGER, NUMBER))
    check_choices(choices, errors, (*path, "choices"), kind)
    if kind == STRING:
        errors.number((*path, "min_length"), option, 0, limits.OPTION_TEXT)
        errors.number((*path, "max_length"), option, 1, limits.OPTION_TEXT)


def check_choices(choices: list[Json], errors: FormErrors, path: Path, kind: int) -> None:
    """Check the choices of an option, offered at a sync or by autocomplete."""
    for index, choice in enumerate(choices):
        at = (*path, index)
        errors.text((*at, "name"), choice, limits.CHOICE_TEXT, 1)
        for locale, text in _localized(choice, "name"):
            where = (*at, "name_localizations", locale)
            errors.choice(where, locale, LOCALES)
            errors.size(where, len(str(text)), 1, limits.CHOICE_TEXT)
        value = choice.get("value")
        if kind == STRING:
            errors.text((*at, "value"), choice, limits.CHOICE_TEXT, 1)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            errors.add((*at, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


class CommandStore:
    """The commands of one application, global and by guild."""

    def __init__(self, snowflakes: Snowflakes, application_id: str) -> None:
        self._snowflakes = snowflakes
        self._application_id = application_id
        self._scopes: dict[str | None, dict[str, Json]] = {}
        # How often a scope was written, for tests of "sync only when something changed".
        self.writes = 0

    def all(self, guild_id: str | None) -> list[Json]:
        """Return the commands of a guild, or the global ones."""
        return list(self._scopes.get(guild_id, {}).values())

    def get(self, guild_id: str | None, command_id: str) -> Json:
        """Return one command."""
        try:
            return self._scopes[guild_id][command_id]
        except KeyError:
            raise unknown("application command", 10063) from None

    def replace(self, guild_id: str | None, bodies: list[Json]) -> list[Json]:
        """Overwrite a scope's commands, keeping the ids of those that stay."""
        errors = FormErrors()
        self._check_count(bodies)
        seen: set[tuple[int, str]] = set()
        for index, body in enumerate(bodies):
            check_command(body, errors, (index,), in_guild=guild_id is not None)
            key = _key(body)
            if key in seen:
                message = "Application command names must be unique"
                errors.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            seen.add(key)
        errors.check()
        before = {_key(command): command for command in self.all(guild_id)}
        made = [self._make(guild_id, body, before.get(_key(body))) for body in bodies]
        self._scopes[guild_id] = {command["id"]: command for command in made}
        self.writes += 1
        return made

    def create(self, guild_id: str | None, body: Json) -> tuple[bool, Json]:
        """Add a command, or overwrite the one of the same name; say whether it is new."""
        errors = FormErrors()
        check_command(body, errors, (), in_guild=guild_id is not None)
        errors.check()
        before = {_key(command): command for command in self.all(guild_id)}
        old = before.get(_key(body))
        if old is None:
            self._check_count([*self.all(guild_id), body])
        made = self._make(guild_id, body, old)
        self._scopes.setdefault(guild_id, {})[made["id"]] = made
        self.writes += 1
        return old is None, made

    def edit(self, guild_id: str | None, command_id: str, body: Json) -> Json:
        """Change a command in part."""
        old = self.get(guild_id, command_id)
        errors = FormErrors()
        check_command({**old, **body}, errors, (), in_guild=False)
        errors.check()
        self._scopes[guild_id][command_id] = self._make(guild_id, {**old, **body}, old)
        self.writes += 1
        return self._scopes[guild_id][command_id]

    def delete(self, guild_id: str | None, command_id: str) -> None:
        """Remove a command."""
        self.get(guild_id, command_id)
        del self._scopes[guild_id][command_id]
        self.writes += 1

    def find(self, name: str, kind: int, guild_id: str | None) -> Json | None:
        """Return the command that a person in this guild would be offered."""
        scopes = [None] if guild_id is None else [guild_id, None]
        for scope in scopes:
            for command in self.all(scope):
                if _key(command) == (kind, name):
                    return command
        return None

    def _check_count(self, bodies: list[Json]) -> None:
        for kind, most in (
            (CHAT, limits.COMMANDS),
            (USER, limits.CONTEXT_COMMANDS),
            (MESSAGE, limits.CONTEXT_COMMANDS),
        ):
            if sum((body.get("type") or CHAT) == kind for body in bodies) > most:
                message = f"Maximum number of application commands reached ({most})."
                raise ApiError(400, 30032, message)

    def _make(self, guild_id: str | None, body: Json, old: Json | None) -> Json:
        command: Json = {**DEFAULTS, **body}
        command["type"] = command.get("type") or CHAT
        command["description"] = command.get("description") or ""
        command["application_id"] = self._application_id
        permissions = command["default_member_permissions"]
        command["default_member_permissions"] = None if permissions is None else str(permissions)
        if guild_id is not None:
            command["guild_id"] = guild_id
        else:
            command["integration_types"] = command.get("integration_types") or [0]
            command.setdefault("contexts", None)
        unchanged = old is not None and all(
            old.get(key) == value for key, value in command.items() if key not in ("id", "version")
        )
        command["id"] = old["id"] if old else self._snowflakes.next()
        command["version"] = old["version"] if old and unchanged else self._snowflakes.next()
        return command


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or CHAT, str(command.get("name"))
