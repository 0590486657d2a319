"""One interaction: Discord's state of it, and what a test can await of it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from . import limits
from .clock import Clock
from .errors import ApiError, Json, unknown
from .messages import Message, StoredMessage
from .world import Channel, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

# Which callbacks each kind of interaction may be answered with.
CALLBACKS = {
    COMMAND: (REPLY, DEFER, MODAL),
    COMPONENT: (REPLY, DEFER, DEFER_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL_SUBMIT: (REPLY, DEFER, DEFER_UPDATE, UPDATE),
}

T = TypeVar("T")


# How long a test waits for what is to happen, in seconds; a busy machine takes its time.
PATIENCE = 60.0


class NoAnswerError(AssertionError):
    """The bot did not do in time what the test waited for."""


class Interaction:
    """A slash command, a click, a modal or an autocompletion that was sent to the bot."""

    def __init__(
        self,
        payload: Json,
        clock: Clock,
        user: User,
        channel: Channel,
        source: StoredMessage | None,
    ) -> None:
        self.payload = payload
        self.id: str = payload["id"]
        self.token: str = payload["token"]
        self.kind: int = payload["type"]
        self.user = user
        self.channel = channel
        # The message whose component was used.
        self.source = source
        self.sent_at = clock.time()
        self.acknowledged_at: float | None = None
        self.callback: int | None = None
        self.original: StoredMessage | None = None
        self.followups: list[StoredMessage] = []
        self.followups_sent = 0
        self.offered: list[Json] | None = None
        self.modal_shown: Json | None = None
        # What was answered to the bot's wrong requests about this interaction.
        self.refusals: list[ApiError] = []
        self._clock = clock
        self._changed = asyncio.Event()
        self._source_revision = source.revision if source else 0
        self._seen = -1

    def __repr__(self) -> str:
        data = self.payload.get("data", {})
        name = data.get("name") or data.get("custom_id")
        return f"<Interaction {name!r} callback={self.callback} refusals={self.refusals}>"

    # What Discord decides

    @property
    def user_installed_only(self) -> bool:
        """Whether only the user brought the app along."""
        return "0" not in self.payload["authorizing_integration_owners"]

    def check_callback(self) -> None:
        """Raise where an acknowledgement comes twice or too late."""
        if self.callback is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._clock.time() - self.sent_at > limits.ACKNOWLEDGE_SECONDS:
            raise unknown("interaction", 10062)

    def acknowledge(self, callback: int) -> None:
        """Note the first answer."""
        self.callback = callback
        self.acknowledged_at = self._clock.time()
        self.changed()

    def check_token(self) -> None:
        """Raise where the token serves no more, or not yet."""
        if self._clock.time() - self.sent_at > limits.TOKEN_SECONDS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if self.callback is None or self.callback == CHOICES:
            raise unknown("Webhook", 10015)

    def message(self, message_id: str) -> StoredMessage:
        """Return the message that a webhook address names, or raise."""
        found: StoredMessage | None = None
        if message_id == "@original":
            found = self.original
        else:
            every = [self.original, *self.followups]
            found = next((one for one in every if one and one.id == message_id), None)
        if found is None or found.deleted:
            raise unknown("Message", 10008)
        return found

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        self._changed.set()
        self._changed = asyncio.Event()

    # What a test awaits

    @property
    def is_acknowledged(self) -> bool:
        """Whether the bot has answered in time."""
        return self.callback is not None

    @property
    def ack_ms(self) -> float:
        """Milliseconds from the event to the acknowledgement."""
        if self.acknowledged_at is None:
            raise NoAnswerError(f"{self!r} was not acknowledged")
        return (self.acknowledged_at - self.sent_at) * 1000

    @property
    def messages(self) -> list[Message]:
        """The reply and all follow-ups that are there now, as a person sees them."""
        every = [self.original, *self.followups]
        return [one.view() for one in every if one and not one.deleted]

    async def acknowledged(self, timeout: float = 3.0) -> float:
        """Wait for the acknowledgement, and return the milliseconds it took."""
        await self._wait(lambda: self.callback, timeout, "acknowledgement")
        return self.ack_ms

    async def response(self, timeout: float = PATIENCE) -> Message:
        """Wait until a person sees an answer, and return it."""
        found = await self._wait(self._settled, timeout, "visible answer")
        self._seen = found.revision
        return found.view()

    async def updated(self, timeout: float = PATIENCE) -> Message:
        """Wait for an edit of the answer that has not been returned yet, and return it."""

        def edited() -> StoredMessage | None:
            found = self._settled()
            return found if found and found.revision > self._seen else None

        if self._seen < 0:
            await self.response(timeout)
        found = await self._wait(edited, timeout, "edit of the answer")
        self._seen = found.revision
        return found.view()

    async def followup(self, number: int = 1, timeout: float = PATIENCE) -> Message:
        """Wait for a follow-up, counted from 1, and return it."""

        def sent() -> StoredMessage | None:
            return self.followups[number - 1] if len(self.followups) >= number else None

        return (await self._wait(sent, timeout, f"follow-up {number}")).view()

    async def choices(self, timeout: float = PATIENCE) -> list[Json]:
        """Wait for the choices of an autocompletion."""
        return await self._wait(lambda: self.offered, timeout, "choices")

    async def modal(self, timeout: float = PATIENCE) -> Json:
        """Wait for a modal, and return its title, custom_id and components."""
        return await self._wait(lambda: self.modal_shown, timeout, "modal")

    async def refused(self, timeout: float = PATIENCE) -> ApiError:
        """Wait until a request of the bot about this interaction is refused."""

        def newest() -> ApiError | None:
            return self.refusals[-1] if self.refusals else None

        return await self._wait(newest, timeout, "refusal")

    def _settled(self) -> StoredMessage | None:
        original = self.original
        if original is not None and self.callback in (DEFER_UPDATE, UPDATE):
            # The message was there before: only an edit is an answer.
            if original.revision > self._source_revision and not original.deleted:
                return original
            original = None
        if original is not None and not original.deleted and not original.view().loading:
            return original
        return next((one for one in self.followups if not one.deleted), None)

    async def _wait(self, look: Callable[[], T | None], timeout: float, what: str) -> T:
        async def until() -> T:
            while (found := look()) is None:
                await self._changed.wait()
            return found

        try:
            return await asyncio.wait_for(until(), timeout)
        except TimeoutError:
            raise NoAnswerError(f"no {what} within {timeout} s: {self!r}") from None
