"""The gateway: websocket sessions, heartbeats, events, resuming, and ways to lose a connection."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from .compression import Compressor, compressor
from .errors import Json
from .eventlog import EventLog
from .world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8) | MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 26) - 1
HISTORY = 250


@dataclass(frozen=True)
class Heartbeat:
    """One heartbeat, and by how many seconds it missed its time."""

    at: float
    late: float
    sequence: int | None


@dataclass(eq=False)
class Session:
    """What the gateway remembers of a client between its connections."""

    id: str
    intents: int
    shard: tuple[int, int]
    connection: "Connection | None" = None
    sequence: int = 0
    history: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def serves(self, guild_id: str | None) -> bool:
        """Return whether this shard receives the events of a guild."""
        number, count = self.shard
        return number == ((int(guild_id) >> 22) % count if guild_id else 0)

    async def dispatch(self, event: str, data: Json) -> None:
        """Send an event, or keep it for a resume while the client is away."""
        self.sequence += 1
        payload = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
        text = json.dumps(payload, ensure_ascii=False)
        self.history.append((self.sequence, text))
        if self.connection is not None:
            await self.connection.send_text(text)


class Connection:
    """One websocket, from HELLO to its close."""

    def __init__(
        self, gateway: "Gateway", request: web.Request, squeeze: Compressor | None
    ) -> None:
        self.request = request
        self.socket = web.WebSocketResponse()
        self.session: Session | None = None
        # The code of a close that came from this side.
        self.closed_with: int | None = None
        self._gateway = gateway
        self._squeeze = squeeze
        self._lock = asyncio.Lock()
        self._expected = 0.0
        self._beats = 0

    async def run(self) -> None:
        """Speak with the client until one side leaves."""
        await self.socket.prepare(self.request)
        interval = self._gateway.heartbeat_interval
        hello = {"heartbeat_interval": round(interval * 1000), "_trace": ["fake"]}
        await self.send({"op": HELLO, "d": hello, "s": None, "t": None})
        self._expected = self._gateway.now() + interval
        watch = asyncio.create_task(self._watch())
        try:
            await self._listen()
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        # A client that stops its heartbeats is taken for dead.
        while True:
            wait = self._expected + self._gateway.patience - self._gateway.now()
            if wait <= 0:
                await self.close(4009)
                return
            await asyncio.sleep(wait)

    async def _listen(self) -> None:
        async for message in self.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                payload = json.loads(message.data)
                code = await self._receive(payload["op"], payload.get("d"))
            except (ValueError, KeyError, TypeError):
                code = 4002
            if code:
                await self.close(code)

    async def send(self, payload: Json) -> None:
        """Send one payload that is not kept for a resume."""
        await self.send_text(json.dumps(payload, ensure_ascii=False))

    async def send_text(self, text: str) -> None:
        """Send one payload; a socket that is going away loses it, as in life."""
        # The stream's order is the order of compression: one payload at a time.
        async with self._lock:
            try:
                if self._squeeze is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._squeeze(text))
            except (ConnectionError, RuntimeError):
                self._gateway.note("lost payload")

    async def close(self, code: int) -> None:
        """Close the websocket with one of Discord's codes."""
        self.closed_with = code
        self._gateway.note(f"close {code}")
        await self.socket.close(code=code, message=CLOSE_REASONS.get(code, "").encode())

    def abort(self) -> None:
        """Cut the connection without a close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def _receive(self, op: int, data: object) -> int:
        if op == HEARTBEAT:
            await self._beat(data if isinstance(data, int) else None)
        elif op == IDENTIFY and isinstance(data, dict):
            return await self._gateway.identify(self, data)
        elif op == RESUME and isinstance(data, dict):
            return await self._gateway.resume(self, data)
        elif op not in (PRESENCE, VOICE, REQUEST_MEMBERS):
            return 4001
        elif self.session is None:
            return 4003
        return 0

    async def _beat(self, sequence: int | None) -> None:
        now = self._gateway.now()
        # The first one may come at any time: clients spread it over the interval.
        late = now - self._expected if self._beats else max(0.0, now - self._expected)
        self._beats += 1
        self._expected = now + self._gateway.heartbeat_interval
        self._gateway.heartbeats.append(Heartbeat(now, late, sequence))
        if self._gateway.acknowledge_heartbeats:
            await self.send({"op": HEARTBEAT_ACK, "d": None, "s": None, "t": None})
        self._gateway.note("heartbeat")


CLOSE_REASONS = {
    4000: "Unknown error.",
    4001: "Unknown opcode.",
    4002: "Error while decoding payload.",
    4003: "Not authenticated.",
    4004: "Authentication failed.",
    4005: "Already authenticated.",
    4007: "Invalid seq.",
    4008: "Rate limited.",
    4009: "Session timed out.",
    4010: "Invalid shard.",
    4012: "Invalid API version.",
    4013: "Invalid intent(s).",
    4014: "Disallowed intent(s).",
}


class Gateway:
    """All sessions of one bot."""

    def __init__(
        self,
        world: World,
        log: EventLog,
        token: str,
        *,
        heartbeat_interval: float,
        privileged_intents: int,
    ) -> None:
        self.heartbeat_interval = heartbeat_interval
        # How late a heartbeat may be before the connection is closed (4009).
        self.patience = max(heartbeat_interval, 5.0)
        self.acknowledge_heartbeats = True
        self.heartbeats: list[Heartbeat] = []
        self.url = ""
        self.note = log.note
        self._world = world
        self._token = token
        self._privileged = privileged_intents
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()

    @property
    def sessions(self) -> list[Session]:
        """The sessions that events go to."""
        return list(self._sessions.values())

    @property
    def connected(self) -> bool:
        """Whether a client is connected and identified."""
        return any(one.connection for one in self.sessions)

    def now(self) -> float:
        """Return the time by which heartbeats are measured."""
        return asyncio.get_running_loop().time()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Accept one websocket."""
        squeeze = compressor(request.query.get("compress"))
        connection = Connection(self, request, squeeze)
        self._connections.add(connection)
        self.note("connect")
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            session = connection.session
            if session is not None and session.connection is connection:
                session.connection = None
                # A clean goodbye of the client ends the session; most else may be resumed.
                goodbye = connection.closed_with is None
                if (
                    goodbye and connection.socket.close_code in (1000, 1001)
                ) or connection.closed_with in (4007, 4009):
                    self._sessions.pop(session.id, None)
            self.note("disconnect")
        return connection.socket

    async def identify(self, connection: Connection, data: Json) -> int:
        """Begin a session, or return the code to close with."""
        if connection.session is not None:
            return 4005
        if data.get("token") != self._token:
            return 4004
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return 4010
        intents = int(data["intents"])
        if intents & ~KNOWN_INTENTS:
            return 4013
        if intents & PRIVILEGED & ~self._privileged:
            return 4014
        session = Session(self._world.snowflakes.next(), intents, (number, count), connection)
        self._sessions[session.id] = session
        connection.session = session
        await self._welcome(session)
        self.note("identify")
        return 0

    async def _welcome(self, session: Session) -> None:
        world = self._world
        guilds = [one for one in world.guilds.values() if one.installed and session.serves(one.id)]
        ready: Json = {
            "v": 10,
            "user": {**world.bot.payload(), "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": one.id, "unavailable": True} for one in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "shard": list(session.shard),
            "application": {"id": world.application_id, "flags": 0},
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "_trace": ["fake"],
        }
        await session.dispatch("READY", ready)
        if session.intents & GUILDS:
            for guild in guilds:
                if guild.down:
                    continue
                await session.dispatch("GUILD_CREATE", guild.payload(world.owner, world.bot))

    async def resume(self, connection: Connection, data: Json) -> int:
        """Go on with a session, or have the client begin a new one."""
        if data.get("token") != self._token:
            return 4004
        session = self._sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        oldest = session.history[0][0] if session is not None and session.history else 1
        if session is None or not isinstance(sequence, int) or sequence < oldest - 1:
            await connection.send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            self.note("invalid session")
            return 0
        if sequence > session.sequence:
            return 4007
        connection.session = session
        # More may happen while this is sent; it goes out in order, before anything newer.
        while sequence < session.sequence:
            for number, text in list(session.history):
                if number > sequence:
                    await connection.send_text(text)
                    sequence = number
        session.connection = connection
        await session.dispatch("RESUMED", {"_trace": ["fake"]})
        self.note("resume")
        return 0

    async def dispatch(
        self, event: str, data: Json, guild_id: str | None = None, intent: int = 0
    ) -> int:
        """Send an event to every session that is to have it, and return how many those are."""
        heard = [
            one
            for one in self.sessions
            if one.serves(guild_id) and (not intent or one.intents & intent)
        ]
        for session in heard:
            await session.dispatch(event, data)
        self.note(event)
        return len(heard)

    async def send_reconnect(self) -> None:
        """Tell the clients to connect again (op 7)."""
        for one in list(self._connections):
            await one.send({"op": RECONNECT, "d": None, "s": None, "t": None})

    async def send_invalid_session(self, *, resumable: bool) -> None:
        """Tell the clients that their session is no good (op 9)."""
        for one in list(self._connections):
            if not resumable and one.session is not None:
                self._sessions.pop(one.session.id, None)
            await one.send({"op": INVALID_SESSION, "d": resumable, "s": None, "t": None})

    async def request_heartbeat(self) -> None:
        """Ask the clients for a heartbeat out of turn (op 1)."""
        for one in list(self._connections):
            await one.send({"op": HEARTBEAT, "d": None, "s": None, "t": None})

    async def close(self, code: int) -> None:
        """Close all websockets with a code."""
        for one in list(self._connections):
            await one.close(code)

    def drop(self, *, forget: bool = False) -> None:
        """Cut all connections without a word, and forget their sessions if so asked."""
        for one in list(self._connections):
            one.abort()
        if forget:
            self._sessions.clear()
