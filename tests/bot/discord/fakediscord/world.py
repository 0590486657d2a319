"""Who and what exists in the fake Discord: people, guilds, channels, threads."""

from dataclasses import dataclass, field

from . import limits, permissions
from .clock import Clock, Snowflakes
from .errors import ApiError, FormErrors, Json, missing_access, unknown

TEXT, DM, GROUP_DM, FORUM = 0, 1, 3, 15
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)
ARCHIVE_MINUTES = (60, 1440, 4320, 10080)


@dataclass(eq=False)
class User:
    """A person or a bot, with what a guild allows to him."""

    id: str
    name: str
    bot: bool = False
    # Whether he has installed the app for himself, and may use it anywhere.
    installed: bool = False
    permissions: int = permissions.MEMBER
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """The text that mentions him."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """Return the user object."""
        return {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.bot else self.name.title(),
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "primary_guild": None,
            "avatar_decoration_data": None,
        }

    def member(self, *, with_user: bool = True) -> Json:
        """Return the guild member object."""
        member: Json = {
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        if with_user:
            member["user"] = self.payload()
        return member


@dataclass(eq=False)
class Channel:
    """A text channel, a thread, a direct message or a group message."""

    id: str
    kind: int
    name: str
    guild: "Guild | None" = None
    parent: "Channel | None" = None
    recipients: list[User] = field(default_factory=list)
    nsfw: bool = False
    created: str = "2024-01-01T00:00:00+00:00"
    archived: bool = False
    auto_archive: int = 1440
    owner_id: str = "0"

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.kind in THREADS

    def payload(self, shown_to: User | None = None) -> Json:
        """Return the channel object."""
        channel: Json = {"id": self.id, "type": self.kind, "last_message_id": None, "flags": 0}
        if self.guild is None:
            # A bot sees the other side of a direct message; people see all of a group.
            channel["recipients"] = [one.payload() for one in self.recipients if one != shown_to]
            if self.kind == GROUP_DM:
                channel.update(name=self.name, icon=None, owner_id=self.recipients[0].id)
            return channel
        channel.update(
            guild_id=self.guild.id,
            name=self.name,
            parent_id=self.parent.id if self.parent else None,
            rate_limit_per_user=0,
        )
        if self.is_thread:
            channel.update(
                owner_id=self.owner_id,
                message_count=0,
                member_count=1,
                total_message_sent=0,
                thread_metadata={
                    "archived": self.archived,
                    "archive_timestamp": self.created,
                    "auto_archive_duration": self.auto_archive,
                    "locked": False,
                    "create_timestamp": self.created,
                },
            )
        else:
            channel.update(position=0, topic=None, nsfw=self.nsfw, permission_overwrites=[])
        return channel


@dataclass(eq=False)
class Guild:
    """A guild, where the app is installed or is only brought along by its users."""

    id: str
    name: str
    installed: bool = True
    locale: str = "en-US"
    app_permissions: int = permissions.BOT
    # In an outage it stays unavailable.
    down: bool = False
    # Where users' own apps may not speak up, their replies turn ephemeral.
    external_apps: bool = True
    channels: list[Channel] = field(default_factory=list)
    # Where Discord writes who has joined.
    system_channel: Channel | None = None

    def partial(self) -> Json:
        """Return the little of a guild that an interaction carries."""
        return {"id": self.id, "locale": self.locale, "features": []}

    def payload(self, owner: User, bot: User) -> Json:
        """Return the guild object as GUILD_CREATE carries it."""
        roles = [
            {
                "id": self.id,
                "name": "@everyone",
                "permissions": str(self.app_permissions),
                "position": 0,
                "color": 0,
                "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
                "hoist": False,
                "managed": False,
                "mentionable": False,
                "flags": 0,
            }
        ]
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "owner_id": owner.id,
            "roles": roles,
            "emojis": [],
            "stickers": [],
            "features": [],
            "channels": [one.payload() for one in self.channels if not one.is_thread],
            "threads": [one.payload() for one in self.channels if one.is_thread],
            "members": [bot.member()],
            "member_count": 2,
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "preferred_locale": self.locale,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "system_channel_id": self.system_channel.id if self.system_channel else None,
            "system_channel_flags": 0,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "joined_at": "2024-01-01T00:00:00+00:00",
            "large": False,
            "unavailable": False,
        }


class World:
    """All users, guilds and channels, by id."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.snowflakes = Snowflakes(clock)
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.application_id = self.snowflakes.next()
        self.bot = User(self.application_id, "testbot", bot=True)
        self.users[self.bot.id] = self.bot
        self.owner = self.add_user("owner")

    def add_user(
        self, name: str, *, installed: bool = False, permissions: int = permissions.MEMBER
    ) -> User:
        """Add a person."""
        user = User(self.snowflakes.next(), name, installed=installed, permissions=permissions)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, installed: bool = True, locale: str = "en-US") -> Guild:
        """Add a guild with one text channel."""
        guild = Guild(self.snowflakes.next(), name, installed=installed, locale=locale)
        self.guilds[guild.id] = guild
        self.add_channel(guild, "general")
        return guild

    def add_channel(
        self, guild: Guild, name: str, *, nsfw: bool = False, kind: int = TEXT
    ) -> Channel:
        """Add a channel, by default for text."""
        channel = Channel(self.snowflakes.next(), kind, name, guild, nsfw=nsfw)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        return channel

    def direct(self, user: User) -> Channel:
        """Return the direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.kind == DM and user in channel.recipients:
                return channel
        channel = Channel(self.snowflakes.next(), DM, user.name, recipients=[user, self.bot])
        self.channels[channel.id] = channel
        return channel

    def group(self, *users: User) -> Channel:
        """Add a group message between people, to which the bot does not belong."""
        names = ", ".join(user.name for user in users)
        channel = Channel(self.snowflakes.next(), GROUP_DM, names, recipients=list(users))
        self.channels[channel.id] = channel
        return channel

    def bot_sees(self, channel: Channel) -> bool:
        """Return whether the bot itself is in this channel."""
        if channel.guild is not None:
            return channel.guild.installed
        return self.bot in channel.recipients

    def channel(self, channel_id: str) -> Channel:
        """Return a channel the bot is in, or raise as Discord answers."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise unknown("Channel", 10003)
        if not self.bot_sees(channel):
            raise missing_access()
        return channel

    def add_thread(self, parent: Channel, body: Json, thread_id: str | None = None) -> Channel:
        """Start a thread from what the bot asked for."""
        if parent.guild is None or parent.is_thread:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        errors = FormErrors()
        name = errors.text(("name",), body, limits.THREAD_NAME, 1)
        minutes = body.get("auto_archive_duration") or 1440
        errors.choice(("auto_archive_duration",), minutes, ARCHIVE_MINUTES)
        # Started from a message, a thread is always public; otherwise private is the default.
        kind = PUBLIC_THREAD if thread_id else body.get("type") or PRIVATE_THREAD
        errors.choice(("type",), kind, THREADS)
        errors.check()
        thread = Channel(
            thread_id or self.snowflakes.next(),
            kind,
            name,
            parent.guild,
            parent,
            created=self.clock.iso(),
            auto_archive=minutes,
            owner_id=self.bot.id,
        )
        parent.guild.channels.append(thread)
        self.channels[thread.id] = thread
        return thread

    def add_post(self, forum: Channel, title: str, author: User) -> Channel:
        """Start a thread in a forum as a person does; its first message has the thread's id."""
        thread = Channel(
            self.snowflakes.next(),
            PUBLIC_THREAD,
            title,
            forum.guild,
            forum,
            created=self.clock.iso(),
            owner_id=author.id,
        )
        assert forum.guild is not None
        forum.guild.channels.append(thread)
        self.channels[thread.id] = thread
        return thread
