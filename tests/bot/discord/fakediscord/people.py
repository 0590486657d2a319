"""What people do in Discord: type commands, click, choose, fill in modals, write messages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import commands, components, interactions, offers, permissions
from .errors import Json
from .interactions import Interaction
from .messages import Attachment, Message, StoredMessage, Upload
from .offers import Filled, RefusedError, Value
from .service import Service
from .world import Channel, Guild, User


class _Default(Enum):
    """Stands for the default guild, because None means direct messages."""

    GUILD = "default"


DEFAULT = _Default.GUILD


@dataclass(frozen=True)
class Place:
    """Who does something, and where."""

    user: User
    channel: Channel
    locale: str


class People:
    """Sends interactions as people's clients would."""

    def __init__(self, service: Service) -> None:
        self._service = service
        world = service.world
        # Who and where, unless a test says otherwise.
        self.user = world.add_user("alice")
        self.guild = world.add_guild("Archive")
        self.channel = self.guild.channels[0]

    async def slash(
        self,
        name: str,
        options: Mapping[str, Value] | None = None,
        *,
        user: User | None = None,
        guild: Guild | _Default | None = DEFAULT,
        channel: Channel | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Use a slash command; a subcommand is named "command subcommand"."""
        place = self._place(user, guild, channel, locale)
        command, path = self._command(name, commands.CHAT, place)
        in_guild = place.channel.guild is not None
        filled = offers.fill(offers.descend(command, path), options or {}, in_guild=in_guild)
        data = self._command_data(command, path, filled)
        return await self._send(interactions.COMMAND, data, command, place)

    async def autocomplete(
        self,
        name: str,
        options: Mapping[str, Value],
        *,
        focused: str,
        user: User | None = None,
        guild: Guild | _Default | None = DEFAULT,
        channel: Channel | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Type in an option that has autocomplete; the choices come with .choices()."""
        place = self._place(user, guild, channel, locale)
        command, path = self._command(name, commands.CHAT, place)
        inner = offers.descend(command, path)
        in_guild = place.channel.guild is not None
        # A person may look at the choices before he has typed anything.
        values: dict[str, Value] = {**options, focused: options.get(focused, "")}
        filled = offers.fill(inner, values, in_guild=in_guild, focused=focused)
        data = self._command_data(command, path, filled)
        return await self._send(interactions.AUTOCOMPLETE, data, command, place)

    async def context_menu(
        self,
        name: str,
        target: Message | User,
        *,
        user: User | None = None,
        guild: Guild | _Default | None = DEFAULT,
        channel: Channel | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Use a command of the context menu of a message or of a user."""
        if isinstance(target, Message):
            channel = channel or target.channel
        place = self._place(user, guild, channel, locale)
        kind = commands.USER if isinstance(target, User) else commands.MESSAGE
        command, _ = self._command(name, kind, place)
        filled = Filled()
        if isinstance(target, User):
            filled.resolve(target, in_guild=place.channel.guild is not None)
        else:
            stored = self._stored(target, place.user)
            filled.resolved["messages"] = {stored.id: stored.payload}
        data = self._command_data(command, [], filled)
        data["target_id"] = target.id
        return await self._send(interactions.COMMAND, data, command, place)

    async def click(
        self,
        message: Message,
        custom_id: str | None = None,
        *,
        label: str | None = None,
        user: User | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Click a button, named by its custom_id or its label."""
        place = self._place(user, DEFAULT, message.channel, locale)
        stored = self._stored(message, place.user)
        button = offers.usable(stored.view(), custom_id, label)
        if button["type"] != components.BUTTON or "custom_id" not in button:
            raise RefusedError(f"{custom_id or label!r} is no button that the bot hears of")
        return await self._send_component(stored, button, {}, place)

    async def select(
        self,
        message: Message,
        custom_id: str,
        *values: str | User | Channel,
        user: User | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Choose values in a select menu."""
        place = self._place(user, DEFAULT, message.channel, locale)
        stored = self._stored(message, place.user)
        select = offers.usable(stored.view(), custom_id, None)
        in_guild = place.channel.guild is not None
        filled = offers.choose(select, list(values), in_guild=in_guild)
        extra: Json = {"values": [one["value"] for one in filled.options]}
        if filled.resolved:
            extra["resolved"] = filled.resolved
        return await self._send_component(stored, select, extra, place)

    async def submit_modal(
        self, opened: Interaction, values: Mapping[str, str | bool | list[str]]
    ) -> Interaction:
        """Fill in and send the modal that an interaction was answered with."""
        modal = await opened.modal()
        data: Json = {
            "custom_id": modal["custom_id"],
            "components": offers.fill_modal(modal, values),
        }
        place = Place(opened.user, opened.channel, opened.payload["locale"])
        owners = opened.payload["authorizing_integration_owners"]
        kind = interactions.MODAL_SUBMIT
        return await self._dispatch(kind, data, owners, place, opened.source)

    async def write(
        self,
        content: str,
        *,
        user: User | None = None,
        guild: Guild | _Default | None = DEFAULT,
        channel: Channel | None = None,
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Write a message as a person does; a reply mentions its author unless `ping` is off."""
        place = self._place(user, guild, channel or (reply_to.channel if reply_to else None), None)
        message = self._service.blank(place.channel, place.user)
        mentioned = re.findall(r"<@!?(\d+)>", content)
        if reply_to is not None:
            answered = self._stored(reply_to, place.user)
            reference = {"type": 0, "message_id": answered.id, "channel_id": answered.channel.id}
            message.payload.update(
                type=19, message_reference=reference, referenced_message=answered.payload
            )
            mentioned += [answered.payload["author"]["id"]] if ping else []
        return await self._write(message, content, mentioned)

    async def post(
        self, forum: Channel, title: str, content: str, *, user: User | None = None
    ) -> Message:
        """Write a new post in a forum."""
        author = user or self.user
        thread = self._service.world.add_post(forum, title, author)
        assert forum.guild is not None
        data = {**thread.payload(), "newly_created": True}
        await self._service.gateway.dispatch("THREAD_CREATE", data, forum.guild.id)
        message = self._service.blank(thread, author)
        message.payload["id"] = thread.id
        return await self._write(message, content, re.findall(r"<@!?(\d+)>", content))

    async def forward(self, message: Message, *, user: User | None = None) -> Message:
        """Forward a message to the channel that it stands in."""
        place = self._place(user, DEFAULT, message.channel, None)
        stored = self._stored(message, place.user)
        kept = ("type", "content", "embeds", "attachments", "components", "flags", "timestamp")
        snapshot = {key: stored.payload[key] for key in (*kept, "edited_timestamp", "mentions")}
        forwarded = self._service.blank(place.channel, place.user, flags=permissions.HAS_SNAPSHOT)
        reference = {"type": 1, "message_id": stored.id, "channel_id": stored.channel.id}
        forwarded.payload.update(
            message_reference=reference, message_snapshots=[{"message": snapshot}]
        )
        return await self._write(forwarded, "", [])

    async def _write(self, message: StoredMessage, content: str, mentioned: list[str]) -> Message:
        users = self._service.world.users
        message.payload["content"] = content
        message.payload["mentions"] = [
            users[each].payload() for each in dict.fromkeys(mentioned) if each in users
        ]
        await self._service.publish(message)
        return message.view()

    # How a client makes an interaction

    def _place(
        self,
        user: User | None,
        guild: Guild | _Default | None,
        channel: Channel | None,
        locale: str | None,
    ) -> Place:
        user = user or self.user
        if channel is None:
            if guild is None:
                channel = self._service.world.direct(user)
            elif isinstance(guild, Guild):
                channel = guild.channels[0]
            else:
                channel = self.channel
        if channel.guild is None and user not in channel.recipients:
            raise RefusedError(f"{user.name} is not in {channel.name}")
        return Place(user, channel, locale or user.locale)

    def _command(self, name: str, kind: int, place: Place) -> tuple[Json, list[str]]:
        path: list[str] = []
        if kind == commands.CHAT:
            name, *path = name.split()
        guild = place.channel.guild
        scope = guild.id if guild is not None and guild.installed else None
        command = self._service.commands.find(name, kind, scope)
        if command is None:
            raise RefusedError(f"no command {name!r} of type {kind} has been synced here")
        offers.check_offered(command, place.user, place.channel)
        return command, path

    def _command_data(self, command: Json, path: list[str], filled: Filled) -> Json:
        options = filled.options
        for option in options:
            if option["type"] == commands.ATTACHMENT and option["name"] in filled.uploads:
                option["value"] = self._attach(filled, filled.uploads[option["name"]])
        inner = command
        steps: list[Json] = []
        for name in path:
            inner = next(one for one in inner["options"] if one["name"] == name)
            steps.append(inner)
        for step in reversed(steps):
            options = [{"name": step["name"], "type": step["type"], "options": options}]
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if options:
            data["options"] = options
        if filled.resolved:
            data["resolved"] = filled.resolved
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        data["version"] = command["version"]
        return data

    def _attach(self, filled: Filled, upload: Upload) -> str:
        identifier = self._service.world.snowflakes.next()
        url = f"{self._service.url}/attachments/ephemeral/{identifier}/{upload.filename}"
        kind = upload.content_type
        attachment = Attachment(identifier, upload.filename, upload.content, kind, url)
        # Kept on a message that nobody sees, so that its address works.
        holder = self._service.blank(self.channel, self.user, permissions.EPHEMERAL)
        holder.attachments = [attachment]
        self._service.messages[holder.id] = holder
        filled.resolved.setdefault("attachments", {})[identifier] = attachment.payload()
        return identifier

    def _stored(self, message: Message, user: User) -> StoredMessage:
        stored = self._service.messages.get(message.id)
        if stored is None:
            raise RefusedError("the message has been deleted")
        if stored.flags & permissions.EPHEMERAL:
            owner = stored.payload["interaction_metadata"]["user"]["id"]
            if owner != user.id:
                raise RefusedError(f"{user.name} cannot see this ephemeral message")
        return stored

    async def _send(self, kind: int, data: Json, command: Json, place: Place) -> Interaction:
        owners = offers.owners(command, place.user, place.channel)
        return await self._dispatch(kind, data, owners, place, None)

    async def _send_component(
        self, stored: StoredMessage, component: Json, extra: Json, place: Place
    ) -> Interaction:
        data: Json = {
            "custom_id": component["custom_id"],
            "component_type": component["type"],
            "id": component["id"],
            **extra,
        }
        metadata = stored.payload.get("interaction_metadata")
        if metadata is not None:
            owners = metadata["authorizing_integration_owners"]
        else:
            guild = place.channel.guild
            owners = {"0": guild.id if guild else "0"}
        return await self._dispatch(interactions.COMPONENT, data, owners, place, stored)

    async def _dispatch(
        self,
        kind: int,
        data: Json,
        owners: dict[str, str],
        place: Place,
        source: StoredMessage | None,
    ) -> Interaction:
        service, channel, guild = self._service, place.channel, place.channel.guild
        if not service.gateway.sessions:
            raise RefusedError("no bot is connected: Discord says that it did not respond")
        granted = permissions.USER_INSTALLED
        if guild is not None and guild.installed:
            granted = guild.app_permissions
        payload: dict[str, Any] = {
            "id": service.world.snowflakes.next(),
            "application_id": service.world.application_id,
            "type": kind,
            "token": service.new_token(),
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": {**channel.payload(place.user), "permissions": str(place.user.permissions)},
            "app_permissions": str(granted),
            "locale": place.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": owners,
            "context": offers.context(channel),
            "attachment_size_limit": service.attachment_limit,
        }
        if guild is not None:
            member = {**place.user.member(), "permissions": str(place.user.permissions)}
            payload.update(
                guild_id=guild.id, guild=guild.partial(), guild_locale=guild.locale, member=member
            )
        else:
            payload["user"] = place.user.payload()
        if source is not None:
            payload["message"] = dict(source.payload)
        interaction = Interaction(payload, service.clock, place.user, channel, source)
        service.interactions[interaction.token] = interaction
        await service.gateway.dispatch("INTERACTION_CREATE", payload, guild.id if guild else None)
        return interaction
