"""Routes about channels, their messages and their threads."""

from . import limits, permissions
from .errors import ApiError, FormErrors, missing_permissions
from .messages import StoredMessage
from .routing import Answer, Call, Route
from .world import ARCHIVE_MINUTES, PRIVATE_THREAD, Channel


def _channel(call: Call) -> Channel:
    return call.service.world.channel(call.params["channel"])


def _message(call: Call) -> StoredMessage:
    return call.service.message(_channel(call), call.params["message"])


def _own(call: Call) -> StoredMessage:
    message = _message(call)
    if message.payload["author"]["id"] != call.service.world.bot.id:
        text = "Cannot edit a message authored by another user"
        raise ApiError(403, 50005, text)
    return message


async def get_channel(call: Call) -> Answer:
    """Answer a channel."""
    return Answer(body=_channel(call).payload(call.service.world.bot))


async def edit_channel(call: Call) -> Answer:
    """Rename or archive a thread; other channels are not the bot's to change."""
    channel = _channel(call)
    if not channel.is_thread:
        raise missing_permissions()
    errors = FormErrors()
    name = errors.text(("name",), call.form, limits.THREAD_NAME)
    minutes = call.form.get("auto_archive_duration", channel.auto_archive)
    errors.choice(("auto_archive_duration",), minutes, ARCHIVE_MINUTES)
    errors.check()
    channel.name = name or channel.name
    channel.auto_archive = minutes
    channel.archived = bool(call.form.get("archived", channel.archived))
    guild_id = channel.guild.id if channel.guild else None
    await call.service.gateway.dispatch("THREAD_UPDATE", channel.payload(), guild_id)
    return Answer(body=channel.payload())


async def list_messages(call: Call) -> Answer:
    """Answer the newest messages of a channel."""
    channel = _channel(call)
    most = int(call.query.get("limit", "50"))
    found = [
        one.payload
        for one in call.service.messages.values()
        if one.channel is channel and not one.flags & permissions.EPHEMERAL
    ]
    return Answer(body=found[::-1][:most])


async def create_message(call: Call) -> Answer:
    """Send a message as the bot itself."""
    try:
        return await _create_message(call)
    finally:
        call.service.log.note("POST message")


async def _create_message(call: Call) -> Answer:
    channel = _channel(call)
    wanted = permissions.SEND_MESSAGES
    if channel.is_thread:
        wanted = permissions.SEND_MESSAGES_IN_THREADS
    call.service.require(channel, permissions.VIEW_CHANNEL | wanted)
    if call.uploads:
        call.service.require(channel, permissions.ATTACH_FILES)
    flags = int(call.form.get("flags") or 0) & (permissions.SILENT | permissions.SUPPRESS_EMBEDS)
    message = call.service.blank(channel, call.service.world.bot, flags)
    nonce = call.form.get("nonce")
    if nonce is not None and call.form.get("enforce_nonce"):
        for known in call.service.messages.values():
            if known.payload.get("nonce") == nonce and known.channel is channel:
                return Answer(body=known.payload)
        message.payload["nonce"] = nonce
    _refer(call, message)
    call.service.write(message, call.form, call.uploads)
    # Sending to an archived thread opens it again.
    channel.archived = False
    await call.service.publish(message)
    return Answer(body=message.payload)


def _refer(call: Call, message: StoredMessage) -> None:
    reference = call.form.get("message_reference")
    if not isinstance(reference, dict):
        return
    if message.channel.guild is not None:
        granted = message.channel.guild.app_permissions
        if not permissions.allows(granted, permissions.READ_MESSAGE_HISTORY):
            text = "Cannot reply without permission to read message history"
            raise ApiError(400, 160002, text)
    found = call.service.messages.get(str(reference.get("message_id")))
    if found is None:
        if reference.get("fail_if_not_exists", True):
            errors = FormErrors()
            code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
            errors.add(("message_reference",), code, "Unknown message")
            errors.check()
        return
    # Discord answers ids as text, however they were sent.
    ids = {key: str(value) for key, value in reference.items() if key.endswith("_id")}
    message.payload["message_reference"] = {"type": 0, **ids}
    message.payload["referenced_message"] = found.payload
    message.payload["type"] = 19


async def get_message(call: Call) -> Answer:
    """Answer one message."""
    return Answer(body=_message(call).payload)


async def edit_message(call: Call) -> Answer:
    """Change one of the bot's messages."""
    message = _own(call)
    call.service.write(message, call.form, call.uploads)
    await call.service.republish(message)
    return Answer(body=message.payload)


async def delete_message(call: Call) -> Answer:
    """Remove a message."""
    message = _message(call)
    if message.payload["author"]["id"] != call.service.world.bot.id:
        call.service.require(message.channel, permissions.MANAGE_MESSAGES)
    await call.service.delete(message)
    return Answer(204)


async def create_thread(call: Call) -> Answer:
    """Start a thread in a channel, or from a message where the path names one."""
    service, parent = call.service, _channel(call)
    private = "message" not in call.params and call.form.get("type", PRIVATE_THREAD) == 12
    wanted = permissions.CREATE_PUBLIC_THREADS
    service.require(parent, permissions.CREATE_PRIVATE_THREADS if private else wanted)
    start = _message(call) if "message" in call.params else None
    if start is not None and start.id in service.world.channels:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    thread = service.world.add_thread(parent, call.form, start.id if start else None)
    if start is not None:
        start.payload["flags"] |= permissions.HAS_THREAD
        start.payload["thread"] = thread.payload()
    member = {
        "id": thread.id,
        "user_id": service.world.bot.id,
        "join_timestamp": thread.created,
        "flags": 1,
    }
    data = {**thread.payload(), "member": member}
    guild_id = parent.guild.id if parent.guild else None
    await service.gateway.dispatch("THREAD_CREATE", {**data, "newly_created": True}, guild_id)
    return Answer(201, data)


async def nothing(call: Call) -> Answer:
    """Accept a request that changes nothing a test looks at."""
    _channel(call)
    return Answer(204)


ROUTES = [
    Route("GET", "/channels/{channel}", get_channel),
    Route("PATCH", "/channels/{channel}", edit_channel),
    Route("GET", "/channels/{channel}/messages", list_messages),
    Route("POST", "/channels/{channel}/messages", create_message),
    Route("GET", "/channels/{channel}/messages/{message}", get_message),
    Route("PATCH", "/channels/{channel}/messages/{message}", edit_message),
    Route("DELETE", "/channels/{channel}/messages/{message}", delete_message),
    Route("POST", "/channels/{channel}/threads", create_thread),
    Route("POST", "/channels/{channel}/messages/{message}/threads", create_thread),
    Route("POST", "/channels/{channel}/typing", nothing),
    Route("PUT", "/channels/{channel}/thread-members/{user}", nothing),
    Route("DELETE", "/channels/{channel}/thread-members/{user}", nothing),
]
