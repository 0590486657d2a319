"""Messages: what Discord accepts as one, how it stores it, and what a person sees of it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from . import components, limits, permissions
from .embeds import check_embeds
from .errors import ApiError, FormErrors, Json
from .world import Channel

# What an edit or a reply may change about a message's flags.
SETTABLE = permissions.SUPPRESS_EMBEDS | permissions.COMPONENTS_V2


@dataclass(frozen=True)
class Upload:
    """A file of a multipart body."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Attachment:
    """A file as it hangs on a message."""

    id: str
    filename: str
    content: bytes
    content_type: str
    url: str
    description: str | None = None

    def payload(self) -> Json:
        """Return the attachment object."""
        return {
            "id": self.id,
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
            "description": self.description,
        }


@dataclass(frozen=True)
class Message:
    """A message as a person sees it at one moment."""

    id: str
    channel: Channel
    content: str
    embeds: tuple[Json, ...]
    components: tuple[Json, ...]
    flags: int
    attachments: tuple[Attachment, ...]
    revision: int
    deleted: bool
    payload: Json = field(repr=False)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & permissions.EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & permissions.LOADING)

    @property
    def v2(self) -> bool:
        """Whether it is made of components alone."""
        return bool(self.flags & permissions.COMPONENTS_V2)

    @property
    def every_component(self) -> list[Json]:
        """All components, also those inside others."""
        return list(components.walk(list(self.components)))

    @property
    def buttons(self) -> list[Json]:
        """All buttons, in the order they are seen."""
        return [one for one in self.every_component if one["type"] == components.BUTTON]

    @property
    def text(self) -> str:
        """All text a person can read in it, a line each."""
        found: list[str | None] = [self.content]
        for embed in self.embeds:
            found += [embed.get("author", {}).get("name"), embed.get("title")]
            found.append(embed.get("description"))
            for one in embed.get("fields", []):
                found += [one["name"], one["value"]]
            found.append(embed.get("footer", {}).get("text"))
        for component in self.every_component:
            found += [component.get("content"), component.get("label")]
        return "\n".join(part for part in found if part)

    def component(self, custom_id: str) -> Json | None:
        """Return the component with this custom_id."""
        for one in self.every_component:
            if one.get("custom_id") == custom_id:
                return one
        return None

    def button(self, label: str) -> Json | None:
        """Return the first button with this label."""
        return next((one for one in self.buttons if one.get("label") == label), None)


@dataclass(eq=False)
class StoredMessage:
    """A message as Discord keeps it, changed in place."""

    payload: Json
    channel: Channel
    attachments: list[Attachment] = field(default_factory=list)
    revision: int = 0
    deleted: bool = False

    @property
    def id(self) -> str:
        """The message's id."""
        return str(self.payload["id"])

    @property
    def flags(self) -> int:
        """The message's flags."""
        return int(self.payload["flags"])

    def view(self) -> Message:
        """Return what a person sees at this moment."""
        payload = copy.deepcopy(self.payload)
        return Message(
            id=self.id,
            channel=self.channel,
            content=payload["content"],
            embeds=tuple(payload["embeds"]),
            components=tuple(payload["components"]),
            flags=self.flags,
            attachments=tuple(self.attachments),
            revision=self.revision,
            deleted=self.deleted,
            payload=payload,
        )


class Editor:
    """Writes a bot's body into a message, after checking it as Discord does."""

    def __init__(self, cdn: str, new_id: Callable[[], str], size_limit: int) -> None:
        self._cdn = cdn
        self._new_id = new_id
        self._size_limit = size_limit

    def write(
        self, message: StoredMessage, body: Json, uploads: dict[int, Upload], prefix: str = ""
    ) -> None:
        """Apply a body to a new or an existing message, or raise and leave it as it was."""
        errors = FormErrors((prefix,) if prefix else ())
        flags = message.flags | (int(body.get("flags") or 0) & SETTABLE)
        v2 = bool(flags & permissions.COMPONENTS_V2)
        content = errors.text(("content",), body, limits.CONTENT).strip()
        embeds = check_embeds(errors.items(("embeds",), body, limits.EMBEDS), errors)
        held = errors.items(("components",), body, limits.V2_COMPONENTS)
        tally = components.check_message(held, errors, v2=v2)
        attachments = self._attachments(message, body, uploads, errors)
        _check_mentions(body, errors)
        if v2:
            _check_no_legacy(message, body, errors)
        names = {one.filename for one in attachments}
        for path, name in tally.references:
            if name not in names:
                code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
                errors.add(path, code, f"Referenced attachment {name} was not found")
        errors.check()
        result: Json = {
            "content": content if "content" in body else message.payload["content"],
            "embeds": embeds if "embeds" in body else message.payload["embeds"],
            "components": held if "components" in body else message.payload["components"],
        }
        if not (any(result.values()) or attachments or body.get("poll") or body.get("sticker_ids")):
            raise ApiError(400, 50006, "Cannot send an empty message")
        if sum(len(one.content) for one in attachments) > self._size_limit:
            raise ApiError(413, 40005, "Request entity too large")
        message.payload.update(copy.deepcopy(result))
        message.payload["flags"] = flags & ~permissions.LOADING
        message.payload["attachments"] = [one.payload() for one in attachments]
        message.attachments = attachments
        self._finish(message)

    def _attachments(
        self, message: StoredMessage, body: Json, uploads: dict[int, Upload], errors: FormErrors
    ) -> list[Attachment]:
        listed = errors.items(("attachments",), body, 10_000)
        kept = {one.id: one for one in message.attachments}
        described: dict[int, Json] = {}
        result: list[Attachment] = []
        for index, item in enumerate(listed):
            identifier = str(item.get("id"))
            errors.text(("attachments", index, "description"), item, limits.ATTACHMENT_DESCRIPTION)
            if identifier in kept:
                result.append(kept[identifier])
            elif identifier.isdigit() and int(identifier) in uploads:
                described[int(identifier)] = item
            else:
                code = "ATTACHMENT_NOT_FOUND"
                errors.add(("attachments", index, "id"), code, "Attachment data not found")
        if "attachments" not in body:
            result = list(message.attachments)
        for number, upload in sorted(uploads.items()):
            item = described.get(number, {})
            identifier = self._new_id()
            name = str(item.get("filename") or upload.filename)
            url = f"{self._cdn}/{message.channel.id}/{identifier}/{name}"
            result.append(
                Attachment(
                    identifier,
                    name,
                    upload.content,
                    _content_type(name, upload.content_type),
                    url,
                    item.get("description"),
                )
            )
        if len(result) > limits.ATTACHMENTS:
            text = f"Maximum number of attachments in a message reached ({limits.ATTACHMENTS})"
            raise ApiError(400, 30015, text)
        return result

    def _finish(self, message: StoredMessage) -> None:
        urls = {f"attachment://{one.filename}": one for one in message.attachments}
        # What an edit leaves alone has been resolved before.
        urls |= {one.url: one for one in message.attachments}
        for place, component in enumerate(components.walk(message.payload["components"]), 1):
            component.setdefault("id", place)
            for holder in (component, *component.get("items", [])):
                for key in ("media", "file"):
                    if isinstance(holder.get(key), dict):
                        holder[key] = _media(holder[key], urls)
            if component["type"] == components.FILE:
                found = urls.get(component["file"]["url"])
                component["name"] = found.filename if found else "file"
                component["size"] = len(found.content) if found else 0
        for embed in message.payload["embeds"]:
            embed.setdefault("type", "rich")
            for key in ("image", "thumbnail"):
                if isinstance(embed.get(key), dict):
                    found = urls.get(embed[key]["url"])
                    embed[key]["url"] = found.url if found else embed[key]["url"]


def _media(media: Json, urls: dict[str, Attachment]) -> Json:
    found = urls.get(media["url"])
    url = found.url if found else media["url"]
    return {
        "url": url,
        "proxy_url": url,
        "width": None,
        "height": None,
        "content_type": found.content_type if found else "image/png",
        "loading_state": 2,
    }


def _content_type(name: str, declared: str) -> str:
    # discord.py declares octet-stream for everything; Discord goes by the name.
    known = {
        "txt": "text/plain; charset=utf-8",
        "md": "text/markdown; charset=utf-8",
        "json": "application/json; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "png": "image/png",
        "pdf": "application/pdf",
    }
    return known.get(name.rpartition(".")[2].lower(), declared)


def _check_mentions(body: Json, errors: FormErrors) -> None:
    mentions = body.get("allowed_mentions")
    if not isinstance(mentions, dict):
        return
    parse = mentions.get("parse") or []
    for index, value in enumerate(parse):
        errors.choice(("allowed_mentions", "parse", index), value, ("users", "roles", "everyone"))
    for key in ("users", "roles"):
        listed = mentions.get(key) or []
        errors.size(("allowed_mentions", key), len(listed), 0, 100)
        if listed and key in parse:
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            errors.add(("allowed_mentions",), code, message)


def _check_no_legacy(message: StoredMessage, body: Json, errors: FormErrors) -> None:
    for key in ("content", "embeds", "sticker_ids", "poll"):
        # null in the body empties a field that the message had before.
        if body.get(key) or (key not in body and message.payload.get(key)):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            errors.add((key,), code, text)
