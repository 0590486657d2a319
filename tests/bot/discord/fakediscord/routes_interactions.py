"""Routes that answer interactions: the callback, and the webhook of its token."""

from . import interactions as kinds
from . import limits, permissions
from .commands import STRING, check_choices
from .components import check_modal
from .errors import ApiError, FormErrors, Json, unknown
from .interactions import Interaction
from .messages import StoredMessage
from .routing import Answer, Call, Route

# A reply may set these; the rest of the flags are Discord's own.
REPLY_FLAGS = (
    permissions.EPHEMERAL
    | permissions.SUPPRESS_EMBEDS
    | permissions.SILENT
    | permissions.COMPONENTS_V2
)


async def create_callback(call: Call) -> Answer:
    """Take the first answer to an interaction."""
    interaction = call.service.interaction(call.params["token"])
    if interaction is None or interaction.id != call.params["interaction"]:
        raise unknown("interaction", 10062)
    interaction.check_callback()
    errors = FormErrors()
    callback = call.form.get("type")
    errors.choice(("type",), callback, kinds.CALLBACKS[interaction.kind])
    errors.check()
    data = call.form.get("data") or {}
    message: StoredMessage | None = None
    created = False
    if callback in (kinds.REPLY, kinds.DEFER):
        message, created = _first_reply(call, interaction, data, callback), True
    elif callback in (kinds.UPDATE, kinds.DEFER_UPDATE):
        message = _source(interaction)
        if callback == kinds.UPDATE:
            call.service.write(message, data, call.uploads, "data")
    elif callback == kinds.CHOICES:
        interaction.offered = _choices(interaction, data)
    else:
        errors = FormErrors(("data",))
        check_modal(data, errors)
        errors.check()
        interaction.modal_shown = data
    interaction.original = message
    interaction.acknowledge(int(call.form["type"]))
    if message is not None and created:
        await call.service.publish(message)
    elif message is not None and callback == kinds.UPDATE:
        await call.service.republish(message)
    if call.query.get("with_response", "").lower() in ("1", "true"):
        return Answer(body=_callback_response(interaction, message))
    return Answer(204)


def _first_reply(call: Call, interaction: Interaction, data: Json, callback: int) -> StoredMessage:
    flags = int(data.get("flags") or 0) & REPLY_FLAGS
    if callback == kinds.DEFER:
        # Only who may see the reply is decided here; the rest comes with the edit.
        return call.service.reply(interaction, flags & permissions.EPHEMERAL | permissions.LOADING)
    message = call.service.reply(interaction, flags & ~permissions.COMPONENTS_V2)
    call.service.write(message, data, call.uploads, "data")
    return message


def _source(interaction: Interaction) -> StoredMessage:
    if interaction.source is None:
        errors = FormErrors()
        message = "There is no message to update"
        errors.add(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", message)
        errors.check()
        raise AssertionError("unreachable")
    return interaction.source


def _choices(interaction: Interaction, data: Json) -> list[Json]:
    errors = FormErrors(("data",))
    choices = errors.items(("choices",), data, limits.CHOICES)
    check_choices(choices, errors, ("choices",), _focused(interaction.payload["data"]) or STRING)
    errors.check()
    return choices


def _focused(data: Json) -> int | None:
    for option in data.get("options", []):
        if option.get("focused"):
            return int(option["type"])
        found = _focused(option)
        if found:
            return found
    return None


def _callback_response(interaction: Interaction, message: StoredMessage | None) -> Json:
    inner: Json = {"id": interaction.id, "type": interaction.kind}
    response: Json = {"interaction": inner}
    if message is not None:
        inner["response_message_id"] = message.id
        inner["response_message_loading"] = bool(message.flags & permissions.LOADING)
        inner["response_message_ephemeral"] = bool(message.flags & permissions.EPHEMERAL)
        resource: Json = {"type": interaction.callback}
        if interaction.callback in (kinds.REPLY, kinds.DEFER, kinds.UPDATE):
            resource["message"] = message.payload
        response["resource"] = resource
    return response


def _ours(call: Call) -> Interaction:
    if call.params["application"] != call.service.world.application_id:
        raise unknown("Webhook", 10015)
    interaction = call.interaction()
    interaction.check_token()
    return interaction


async def get_message(call: Call) -> Answer:
    """Answer the reply or a follow-up."""
    return Answer(body=_ours(call).message(call.params.get("message", "@original")).payload)


async def edit_message(call: Call) -> Answer:
    """Change the reply or a follow-up."""
    interaction = _ours(call)
    message = interaction.message(call.params.get("message", "@original"))
    call.service.write(message, call.form, call.uploads)
    await call.service.republish(message)
    return Answer(body=message.payload)


async def delete_message(call: Call) -> Answer:
    """Remove the reply or a follow-up."""
    interaction = _ours(call)
    await call.service.delete(interaction.message(call.params.get("message", "@original")))
    return Answer(204)


async def create_followup(call: Call) -> Answer:
    """Send a follow-up; the first one after a deferral takes the place of the reply."""
    interaction = _ours(call)
    original = interaction.original
    if (
        interaction.callback == kinds.DEFER
        and original is not None
        and not original.deleted
        and original.flags & permissions.LOADING
    ):
        # Whether it is private was decided at the deferral: its own flag counts for nothing.
        call.service.write(original, call.form, call.uploads)
        await call.service.republish(original)
        return Answer(body=original.payload)
    if (
        interaction.user_installed_only
        and interaction.followups_sent >= limits.USER_INSTALL_FOLLOWUPS
    ):
        message = "This interaction has hit the maximum number of follow up messages"
        raise ApiError(400, 40094, message)
    flags = int(call.form.get("flags") or 0) & REPLY_FLAGS & ~permissions.COMPONENTS_V2
    followup = call.service.reply(interaction, flags)
    followup.payload["type"] = 19
    if original is not None:
        reference = {"message_id": original.id, "channel_id": original.channel.id, "type": 0}
        followup.payload["message_reference"] = reference
    call.service.write(followup, call.form, call.uploads)
    interaction.followups.append(followup)
    interaction.followups_sent += 1
    await call.service.publish(followup)
    interaction.changed()
    return Answer(body=followup.payload)


WEBHOOK = "/webhooks/{application}/{token}"
MESSAGE = f"{WEBHOOK}/messages/{{message}}"
ROUTES = [
    Route(
        "POST",
        "/interactions/{interaction}/{token}/callback",
        create_callback,
        authorized=False,
        limit=None,
    ),
    Route("POST", WEBHOOK, create_followup, authorized=False, window=2.0),
    Route("GET", MESSAGE, get_message, authorized=False, window=2.0),
    Route("PATCH", MESSAGE, edit_message, authorized=False, window=2.0),
    Route("DELETE", MESSAGE, delete_message, authorized=False, window=2.0),
]
