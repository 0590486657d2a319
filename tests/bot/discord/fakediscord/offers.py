"""What Discord's client lets a person do: offer a command, fill in options, fill in a modal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import commands, components
from .errors import Json
from .messages import Message, Upload
from .permissions import ADMINISTRATOR, allows
from .world import Channel, User

MAX_INTEGER = 2**53 - 1


class RefusedError(AssertionError):
    """Discord's client would not have let a person do this."""


Value = str | int | float | bool | User | Channel | Upload


@dataclass
class Filled:
    """The options of a command as a person filled them in, and what they refer to."""

    options: list[Json] = field(default_factory=list)
    resolved: dict[str, dict[str, Json]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def resolve(self, value: User | Channel, *, in_guild: bool) -> str:
        """Add a user or a channel to the resolved data."""
        if isinstance(value, User):
            self.resolved.setdefault("users", {})[value.id] = value.payload()
            if in_guild:
                member = {
                    **value.member(with_user=False),
                    "permissions": str(value.permissions),
                }
                self.resolved.setdefault("members", {})[value.id] = member
        else:
            payload = {**value.payload(), "permissions": "0"}
            self.resolved.setdefault("channels", {})[value.id] = payload
        return value.id


def owners(command: Json, user: User, channel: Channel) -> dict[str, str]:
    """Return who authorized the app for this use of a command, or refuse."""
    guild = channel.guild
    kinds = command.get("integration_types") or [0]
    found: dict[str, str] = {}
    if 0 in kinds and guild is not None and guild.installed:
        found["0"] = guild.id
    elif 0 in kinds and guild is None and context(channel) == 1:
        found["0"] = "0"
    if 1 in kinds and user.installed and "guild_id" not in command:
        found["1"] = user.id
    if not found:
        raise RefusedError(f"/{command['name']} is not installed here, nor by {user.name}")
    return found


def context(channel: Channel) -> int:
    """Return the interaction context: a guild, the bot's direct messages, or another one."""
    if channel.guild is not None:
        return 0
    return 1 if any(one.bot for one in channel.recipients) else 2


def check_offered(command: Json, user: User, channel: Channel) -> None:
    """Refuse a command that this person would not be offered here."""
    name, place = command["name"], context(channel)
    contexts = command.get("contexts")
    if contexts is not None and place not in contexts:
        raise RefusedError(f"/{name} is not offered in context {place}, only in {contexts}")
    if contexts is None and place != 0 and command.get("dm_permission") is False:
        raise RefusedError(f"/{name} is not offered in direct messages")
    wanted = command.get("default_member_permissions")
    if channel.guild is not None and wanted is not None:
        missing = not allows(user.permissions, int(wanted)) or wanted == "0"
        if missing and not allows(user.permissions, ADMINISTRATOR):
            raise RefusedError(f"{user.name} lacks the permissions for /{name}: {wanted}")
    if command.get("nsfw") and channel.guild is not None and not channel.nsfw:
        raise RefusedError(f"/{name} is only offered in age-restricted channels")


def descend(command: Json, path: list[str]) -> Json:
    """Return the subcommand at the end of a path of names."""
    for name in path:
        inner = [one for one in command.get("options") or [] if one["name"] == name]
        if not inner or inner[0]["type"] not in (commands.SUBCOMMAND, commands.GROUP):
            raise RefusedError(f"{command['name']} has no subcommand {name}")
        command = inner[0]
    options = command.get("options") or []
    if any(one["type"] in (commands.SUBCOMMAND, commands.GROUP) for one in options):
        raise RefusedError(f"{command['name']} can only be used with a subcommand")
    return command


def fill(
    command: Json, values: Mapping[str, Value], *, in_guild: bool, focused: str = ""
) -> Filled:
    """Fill in the options of a command as the client does, or refuse."""
    options = {one["name"]: one for one in command.get("options") or []}
    unknown = set(values) - set(options)
    if unknown:
        raise RefusedError(f"{command['name']} has no options {sorted(unknown)}")
    filled = Filled()
    # The client sends options in the order in which they were filled in.
    for name, value in values.items():
        option = options[name]
        entry: Json = {"name": name, "type": option["type"]}
        if name == focused:
            if not option.get("autocomplete"):
                raise RefusedError(f"{name} has no autocomplete")
            entry.update(value=str(value), focused=True)
        else:
            entry["value"] = _value(option, value, filled, in_guild=in_guild)
        filled.options.append(entry)
    missing = [one for one in options.values() if one.get("required") and one["name"] not in values]
    if missing and not focused:
        raise RefusedError(f"required options are missing: {[one['name'] for one in missing]}")
    return filled


def _value(option: Json, value: Value, filled: Filled, *, in_guild: bool) -> object:
    name, kind = option["name"], option["type"]
    if kind in (commands.STRING, commands.INTEGER, commands.NUMBER):
        _check_scalar(option, value)
        choices = [choice["value"] for choice in option.get("choices") or []]
        if choices and value not in choices:
            raise RefusedError(f"{name}: {value!r} is not among the choices {choices}")
        return value
    if kind == commands.BOOLEAN and isinstance(value, bool):
        return value
    if kind in (commands.USER_OPTION, commands.MENTIONABLE) and isinstance(value, User):
        return filled.resolve(value, in_guild=in_guild)
    if kind == commands.CHANNEL and isinstance(value, Channel):
        kinds = option.get("channel_types")
        if kinds and value.kind not in kinds:
            raise RefusedError(f"{name}: channels of type {value.kind} cannot be chosen")
        return filled.resolve(value, in_guild=in_guild)
    if kind == commands.ATTACHMENT and isinstance(value, Upload):
        # The driver gives it an id and an address.
        filled.uploads[name] = value
        return name
    raise RefusedError(f"{name}: {value!r} is no value for an option of type {kind}")


def _check_scalar(option: Json, value: Value) -> None:
    name, kind = option["name"], option["type"]
    if kind == commands.STRING:
        if not isinstance(value, str):
            raise RefusedError(f"{name}: {value!r} is not text")
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        # A text option that is given at all holds something.
        if not max(1, least) <= len(value) <= most:
            raise RefusedError(f"{name}: {len(value)} characters, not {least} to {most}")
        return
    number = int if kind == commands.INTEGER else (int, float)
    if isinstance(value, bool) or not isinstance(value, number):
        raise RefusedError(f"{name}: {value!r} is not a number of the right kind")
    least, most = option.get("min_value"), option.get("max_value")
    least = -MAX_INTEGER if least is None else least
    most = MAX_INTEGER if most is None else most
    if not least <= value <= most:
        raise RefusedError(f"{name}: {value} is not between {least} and {most}")


def usable(message: Message, custom_id: str | None, label: str | None) -> Json:
    """Return the component of a message that a person can use, or refuse."""
    if message.deleted:
        raise RefusedError("the message has been deleted")
    found = message.button(label or "") if custom_id is None else message.component(custom_id)
    if found is None:
        offered = [one.get("custom_id") or one.get("url") for one in message.every_component]
        raise RefusedError(f"no component {custom_id or label!r}, only {offered}")
    if found.get("disabled"):
        raise RefusedError(f"{custom_id or label!r} is disabled")
    return found


def choose(select: Json, values: list[str | User | Channel], *, in_guild: bool) -> Filled:
    """Choose in a select menu as the client does, or refuse; the options are the values."""
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(values) <= most:
        raise RefusedError(f"{len(values)} values chosen, not {least} to {most}")
    filled = Filled()
    offered = [option["value"] for option in select.get("options") or []]
    for value in values:
        if isinstance(value, str):
            if select["type"] != components.STRING_SELECT or value not in offered:
                raise RefusedError(f"{value!r} is not offered, only {offered}")
            filled.options.append({"value": value})
        else:
            filled.options.append({"value": filled.resolve(value, in_guild=in_guild)})
    return filled


def fill_modal(modal: Json, values: Mapping[str, str | bool | list[str]]) -> list[Json]:
    """Fill in a modal as the client does, or refuse; return the submitted components."""
    left = dict(values)
    submitted: list[Json] = []
    for place, component in enumerate(modal["components"], 1):
        shell: Json = {"type": component["type"], "id": component.get("id", place)}
        if component["type"] == components.ROW:
            shell["components"] = [_enter(one, left) for one in component["components"]]
        elif component["type"] == components.LABEL:
            shell["component"] = _enter(component["component"], left)
        submitted.append(shell)
    if left:
        raise RefusedError(f"the modal has no inputs {sorted(left)}")
    return submitted


def _enter(item: Json, left: dict[str, str | bool | list[str]]) -> Json:
    custom_id, kind = item["custom_id"], item["type"]
    given = left.pop(custom_id, None)
    entry: Json = {"type": kind, "custom_id": custom_id, "id": item.get("id", 1)}
    if kind != components.TEXT_INPUT:
        single = kind in (components.RADIO_GROUP, components.CHECKBOX)
        if given is None and item.get("required", True) and kind != components.CHECKBOX:
            raise RefusedError(f"{custom_id} is required")
        empty: object = False if kind == components.CHECKBOX else (None if single else [])
        entry["value" if single else "values"] = empty if given is None else given
        return entry
    text = item.get("value") or "" if given is None else given
    if not isinstance(text, str):
        raise RefusedError(f"{custom_id} takes text")
    if not text and item.get("required", True):
        raise RefusedError(f"{custom_id} is required")
    least, most = item.get("min_length") or 0, item.get("max_length") or 4000
    if text and not least <= len(text) <= most:
        raise RefusedError(f"{custom_id}: {len(text)} characters, not {least} to {most}")
    entry["value"] = text
    return entry
