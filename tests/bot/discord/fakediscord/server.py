"""The fake Discord as a test starts it."""

import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from . import permissions
from .api import Api, Request
from .clock import Clock
from .errors import Json
from .faults import Faults
from .gateway import Gateway, Heartbeat
from .interactions import PATIENCE, Interaction
from .messages import Message
from .openapi import Contract, Violation
from .people import People
from .ratelimits import RateLimits
from .service import Service
from .world import TEXT, Channel, Guild, User

_CONTRACTS: dict[Path, Contract] = {}


def _contract(path: Path) -> Contract:
    # Reading a megabyte and making validators takes a while: once for all servers of a run.
    if path not in _CONTRACTS:
        _CONTRACTS[path] = Contract(path)
    return _CONTRACTS[path]


class FakeDiscord(People):
    """A server that behaves as Discord does towards one bot; use it with `async with`."""

    def __init__(
        self,
        *,
        token: str | None = None,
        clock: Clock | None = None,
        openapi: Path | None = None,
        heartbeat_interval: float = 41.25,
        heartbeat_patience: float | None = None,
        privileged_intents: int = 0,
        enforce_rate_limits: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        # In three parts, as Discord's are.
        self.token = token or ".".join(secrets.token_urlsafe(size) for size in (19, 4, 28))
        service = Service(self.clock, self.token, heartbeat_interval, privileged_intents)
        super().__init__(service)
        if heartbeat_patience is not None:
            service.gateway.patience = heartbeat_patience
        limits = RateLimits(self.clock, enforced=enforce_rate_limits)
        self._api = Api(service, limits, _contract(openapi) if openapi else None)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", service.gateway.handle)
        app.router.add_get("/gateway/", service.gateway.handle)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)
        app.router.add_route("*", "/api/{tail:.*}", self._api.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self._service.url = f"http://{host}:{port}"
        self.gateway.url = f"ws://{host}:{port}/gateway"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gateway.drop(forget=True)
        await self._runner.cleanup()
        if error is None and self._api.crashes:
            # To the bot it looked like a 500; a test is to know that it was no fault of the bot.
            raise self._api.crashes[0]

    # What it knows

    @property
    def bot(self) -> User:
        """The bot's own user."""
        return self._service.world.bot

    @property
    def owner(self) -> User:
        """The person who owns the application."""
        return self._service.world.owner

    @property
    def url(self) -> str:
        """The server's address, for `redirected` and for the command line of this package."""
        return self._service.url

    @property
    def gateway(self) -> Gateway:
        """The gateway, with the ways to lose a connection."""
        return self._service.gateway

    @property
    def faults(self) -> Faults:
        """The failures that can be switched on."""
        return self._service.faults

    @property
    def requests(self) -> list[Request]:
        """All requests that the bot has made."""
        return self._api.requests

    @property
    def violations(self) -> list[Violation]:
        """The requests that Discord's own description does not allow."""
        return self._api.violations

    @property
    def events(self) -> list[str]:
        """What has happened, in order: connect, identify, sync, resume, heartbeat ..."""
        return self._service.log.events

    @property
    def heartbeats(self) -> list[Heartbeat]:
        """All heartbeats, and by how much each missed its time."""
        return self.gateway.heartbeats

    @property
    def interactions(self) -> list[Interaction]:
        """All interactions that were sent."""
        return list(self._service.interactions.values())

    @property
    def unanswered(self) -> list[Interaction]:
        """The interactions that the bot has not acknowledged."""
        return [one for one in self.interactions if not one.is_acknowledged]

    @property
    def attachment_limit(self) -> int:
        """The most bytes that a message's files may have."""
        return self._service.attachment_limit

    @attachment_limit.setter
    def attachment_limit(self, most: int) -> None:
        self._service.attachment_limit = most

    def commands(self, guild: Guild | None = None) -> list[Json]:
        """Return the synced commands of a guild, or the global ones."""
        return self._service.commands.all(guild.id if guild else None)

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """Return the messages of a channel that everybody in it sees, oldest first."""
        wanted = channel or self.channel
        stored = self._service.messages.values()
        every = [one.view() for one in stored if one.channel is wanted]
        return [one for one in every if not one.ephemeral]

    def threads(self, channel: Channel | None = None) -> list[Channel]:
        """Return the threads of a channel."""
        wanted = channel or self.channel
        every = wanted.guild.channels if wanted.guild else []
        return [one for one in every if one.parent is wanted]

    # Who and what there is

    def add_user(
        self, name: str, *, installed: bool = False, permissions: int = permissions.MEMBER
    ) -> User:
        """Add a person, who may have installed the app for himself."""
        return self._service.world.add_user(name, installed=installed, permissions=permissions)

    def add_guild(self, name: str, *, installed: bool = True, locale: str = "en-US") -> Guild:
        """Add a guild with a channel, before the bot connects where it is to be cached."""
        return self._service.world.add_guild(name, installed=installed, locale=locale)

    def add_channel(
        self, guild: Guild, name: str, *, nsfw: bool = False, kind: int = TEXT
    ) -> Channel:
        """Add a channel to a guild, by default for text."""
        return self._service.world.add_channel(guild, name, nsfw=nsfw, kind=kind)

    async def install(self, guild: Guild) -> None:
        """Add the bot to a guild."""
        world = self._service.world
        guild.installed = True
        data = guild.payload(world.owner, world.bot)
        # Only a guild that was there before says whether it is available.
        del data["unavailable"]
        await self.gateway.dispatch("GUILD_CREATE", data, guild.id)

    async def uninstall(self, guild: Guild) -> None:
        """Remove the bot from a guild."""
        guild.installed = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": guild.id}, guild.id)

    async def delete_channel(self, channel: Channel) -> None:
        """Delete a channel of a guild."""
        assert channel.guild is not None
        payload = channel.payload()
        channel.guild.channels.remove(channel)
        del self._service.world.channels[channel.id]
        await self.gateway.dispatch("CHANNEL_DELETE", payload, channel.guild.id)

    def add_group(self, *users: User) -> Channel:
        """Add a group message between people."""
        return self._service.world.group(*users)

    # Waiting

    async def happened(self, event: str, times: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until an event of the log has happened so many times in all."""
        await self._service.log.happened(event, times, timeout)

    async def ready(self, *, synced: bool = True, timeout: float = PATIENCE) -> None:
        """Wait until a bot is connected and, unless told otherwise, has synced its commands."""
        await self.happened("identify", 1, timeout)
        if synced:
            await self.happened("sync", 1, timeout)

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["id"]
        for message in self._service.messages.values():
            for one in message.attachments:
                if one.id == wanted:
                    return web.Response(
                        body=one.content, headers={"Content-Type": one.content_type}
                    )
        return web.Response(status=404)
