"""A test double of Discord's service, for end-to-end tests of a bot."""

from .clock import Clock
from .errors import ApiError
from .faults import Fault, Faults
from .interactions import Interaction, NoAnswerError
from .messages import Attachment, Message, Upload
from .offers import RefusedError
from .openapi import Violation
from .redirect import hasty, redirected
from .server import FakeDiscord
from .world import Channel, Guild, User

__all__ = [
    "ApiError",
    "Attachment",
    "Channel",
    "Clock",
    "FakeDiscord",
    "Fault",
    "Faults",
    "Guild",
    "Interaction",
    "Message",
    "NoAnswerError",
    "RefusedError",
    "Upload",
    "User",
    "Violation",
    "hasty",
    "redirected",
]
