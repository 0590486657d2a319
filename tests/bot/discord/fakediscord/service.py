"""Discord's state and the operations that its routes and its people share."""

import secrets

from . import limits, permissions
from .clock import Clock
from .commands import CommandStore
from .errors import Json, missing_permissions, unknown
from .eventlog import EventLog
from .faults import Faults
from .gateway import DIRECT_MESSAGES, GUILD_MESSAGES, MESSAGE_CONTENT, Gateway
from .interactions import Interaction
from .messages import Editor, StoredMessage, Upload
from .world import Channel, User, World


class Service:
    """Everything the fake Discord knows, and what happens to it."""

    def __init__(self, clock: Clock, token: str, heartbeat_interval: float, intents: int) -> None:
        self.clock = clock
        self.token = token
        self.world = World(clock)
        self.commands = CommandStore(self.world.snowflakes, self.world.application_id)
        self.log = EventLog()
        self.gateway = Gateway(
            self.world,
            self.log,
            token,
            heartbeat_interval=heartbeat_interval,
            privileged_intents=intents,
        )
        self.faults = Faults()
        self.messages: dict[str, StoredMessage] = {}
        self.interactions: dict[str, Interaction] = {}
        self.attachment_limit = limits.ATTACHMENT_BYTES
        self.url = ""

    # Messages

    def editor(self) -> Editor:
        """Return what writes bodies into messages."""
        cdn = f"{self.url}/attachments"
        return Editor(cdn, self.world.snowflakes.next, self.attachment_limit)

    def blank(self, channel: Channel, author: User, flags: int = 0) -> StoredMessage:
        """Return a new message without content, which nobody has seen yet."""
        payload: Json = {
            "id": self.world.snowflakes.next(),
            "channel_id": channel.id,
            "type": 0,
            "author": author.payload(),
            "content": "",
            "timestamp": self.clock.iso(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": flags,
        }
        return StoredMessage(payload, channel)

    def reply(self, interaction: Interaction, flags: int) -> StoredMessage:
        """Return a new blank message that answers an interaction."""
        guild = interaction.channel.guild
        if guild and interaction.user_installed_only and not guild.external_apps:
            flags |= permissions.EPHEMERAL
        message = self.blank(interaction.channel, self.world.bot, flags)
        metadata: Json = {
            "id": interaction.id,
            "type": interaction.kind,
            "user": interaction.user.payload(),
            "authorizing_integration_owners": interaction.payload["authorizing_integration_owners"],
        }
        if interaction.source is not None:
            metadata["interacted_message_id"] = interaction.source.id
        if interaction.original is not None:
            metadata["original_response_message_id"] = interaction.original.id
        message.payload["application_id"] = self.world.application_id
        message.payload["webhook_id"] = self.world.application_id
        message.payload["interaction_metadata"] = metadata
        message.payload["type"] = 20 if interaction.kind == 2 else 19
        return message

    def write(
        self, message: StoredMessage, body: Json, uploads: dict[int, Upload], prefix: str = ""
    ) -> None:
        """Apply a bot's body to a message."""
        self.editor().write(message, body, uploads, prefix)

    async def publish(self, message: StoredMessage) -> None:
        """Store a new message, and tell those who can see it."""
        self.messages[message.id] = message
        await self._announce("MESSAGE_CREATE", message)

    async def republish(self, message: StoredMessage) -> None:
        """Count an edit, and tell those who can see the message and await it."""
        message.revision += 1
        message.payload["edited_timestamp"] = self.clock.iso()
        for interaction in self.interactions.values():
            if message is interaction.original or message in interaction.followups:
                interaction.changed()
        await self._announce("MESSAGE_UPDATE", message)

    async def delete(self, message: StoredMessage) -> None:
        """Remove a message."""
        message.deleted = True
        message.revision += 1
        self.messages.pop(message.id, None)
        for interaction in self.interactions.values():
            interaction.changed()
        guild = message.channel.guild
        data: Json = {"id": message.id, "channel_id": message.channel.id}
        if guild is not None:
            data["guild_id"] = guild.id
        await self._send("MESSAGE_DELETE", data, message)

    async def _announce(self, event: str, message: StoredMessage) -> None:
        guild = message.channel.guild
        data = dict(message.payload)
        if guild is not None:
            data["guild_id"] = guild.id
            author = self.world.users[data["author"]["id"]]
            data["member"] = author.member(with_user=False)
        await self._send(event, data, message)

    async def _send(self, event: str, data: Json, message: StoredMessage) -> None:
        if message.flags & permissions.EPHEMERAL or not self.world.bot_sees(message.channel):
            return
        guild = message.channel.guild
        intent = DIRECT_MESSAGES if guild is None else GUILD_MESSAGES
        own = data.get("author", {}).get("id") == self.world.bot.id
        for session in self.gateway.sessions:
            if not session.intents & intent or not session.serves(guild.id if guild else None):
                continue
            mentioned = any(one["id"] == self.world.bot.id for one in data.get("mentions", ()))
            hidden = guild is not None and not own and not mentioned
            hidden = hidden and not session.intents & MESSAGE_CONTENT
            blank: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
            shown = {**data, **blank} if hidden and event != "MESSAGE_DELETE" else data
            self.log.note("message shown" if shown is data else "message hidden")
            await session.dispatch(event, shown)

    def message(self, channel: Channel, message_id: str) -> StoredMessage:
        """Return a message that the bot sees in a channel."""
        found = self.messages.get(message_id)
        # Ephemeral messages exist only for the interaction they answer.
        if found is None or found.channel is not channel or found.flags & permissions.EPHEMERAL:
            raise unknown("Message", 10008)
        return found

    def require(self, channel: Channel, wanted: int) -> None:
        """Raise where the bot lacks a permission in a channel."""
        if channel.guild and not permissions.allows(channel.guild.app_permissions, wanted):
            raise missing_permissions()

    # Interactions

    def new_token(self) -> str:
        """Return an interaction token."""
        return f"fake{secrets.token_urlsafe(60)}"

    def interaction(self, token: str) -> Interaction | None:
        """Return the interaction of a token."""
        return self.interactions.get(token)
