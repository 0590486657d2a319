"""What Discord accepts as the embeds of a message."""

from . import limits
from .components import check_url
from .errors import FormErrors, Json, Path

SHOWN = ("title", "description", "fields", "footer", "author", "image", "thumbnail", "video")


def check_embeds(embeds: list[Json], errors: FormErrors) -> list[Json]:
    """Check the embeds of a message, and return them with their text trimmed."""
    total = 0
    for index, embed in enumerate(embeds):
        path: Path = ("embeds", index)
        total += _check_embed(embed, path, errors)
    if total > limits.EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {limits.EMBED_TOTAL}"
        errors.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)
    return embeds


def _check_embed(embed: Json, path: Path, errors: FormErrors) -> int:
    total = len(errors.text((*path, "title"), embed, limits.EMBED_TITLE))
    total += len(errors.text((*path, "description"), embed, limits.EMBED_DESCRIPTION))
    fields = errors.items((*path, "fields"), embed, limits.EMBED_FIELDS)
    for place, one in enumerate(fields):
        at = (*path, "fields", place)
        total += len(errors.text((*at, "name"), one, limits.EMBED_FIELD_NAME, 1))
        total += len(errors.text((*at, "value"), one, limits.EMBED_FIELD_VALUE, 1))
    for key, name, most in (
        ("footer", "text", limits.EMBED_FOOTER),
        ("author", "name", limits.EMBED_AUTHOR),
    ):
        if isinstance(embed.get(key), dict):
            total += len(errors.text((*path, key, name), embed[key], most, 1))
    errors.number((*path, "color"), embed, 0, 0xFFFFFF)
    if isinstance(embed.get("url"), str):
        check_url((*path, "url"), embed["url"], errors, ("http", "https"))
    for key in ("image", "thumbnail"):
        if isinstance(embed.get(key), dict):
            at = (*path, key, "url")
            url = errors.text(at, embed[key], 2048, 1)
            check_url(at, url, errors, ("http", "https", "attachment"))
    if not any(embed.get(key) for key in SHOWN):
        errors.required((*path, "description"))
    return total
