"""What Discord accepts as the components of a message or a modal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import limits
from .errors import FormErrors, Json, Path

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
INNER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
LABELLED = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
LINK_STYLE, PREMIUM_STYLE = 5, 6


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component, outer ones before those they hold."""
    for component in components:
        yield component
        held = component.get("components")
        yield from walk(held if isinstance(held, list) else [])
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


@dataclass
class Tally:
    """What is counted over all the components of one message or modal."""

    errors: FormErrors
    custom_ids: set[str] = field(default_factory=set)
    # Where each attachment:// address was found.
    references: list[tuple[Path, str]] = field(default_factory=list)

    def custom_id(self, path: Path, component: Json) -> None:
        """Check a custom_id, and that it is the only one of its kind."""
        found = self.errors.text((*path, "custom_id"), component, limits.CUSTOM_ID, 1)
        if found and found in self.custom_ids:
            message = "Component custom id cannot be duplicated"
            self.errors.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self.custom_ids.add(found)


def check_message(components: list[Json], errors: FormErrors, *, v2: bool) -> Tally:
    """Check the components of a message, and return what was counted."""
    tally = Tally(errors)
    allowed = (*INNER, CONTAINER) if v2 else (ROW,)
    if not v2:
        errors.size(("components",), len(components), 0, limits.ROWS)
    for index, component in enumerate(components):
        _check(component, ("components", index), allowed, tally)
    if v2:
        _check_totals(components, errors)
    return tally


def _check_totals(components: list[Json], errors: FormErrors) -> None:
    every = list(walk(components))
    if len(every) > limits.V2_COMPONENTS:
        message = f"Total number of components exceeds {limits.V2_COMPONENTS}"
        errors.add(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    if sum(len(str(one.get("content", ""))) for one in every) > limits.V2_TEXT:
        message = f"Components displayable text size exceeds maximum size of {limits.V2_TEXT}"
        errors.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _allowed(component: Json, path: Path, kinds: tuple[int, ...], errors: FormErrors) -> bool:
    kind = component.get("type")
    if kind is None:
        errors.required((*path, "type"))
    elif kind not in kinds:
        inner = ", ".join(map(str, kinds)) + ("," if len(kinds) == 1 else "")
        message = f'Value of field "type" must be one of ({inner}).'
        errors.add((*path, "type"), "UNION_TYPE_CHOICES", message)
    return kind in kinds


def _check(component: Json, path: Path, kinds: tuple[int, ...], tally: Tally) -> None:
    if _allowed(component, path, kinds, tally.errors):
        CHECKS[component["type"]](component, path, tally)


def _check_text(text: Json, path: Path, tally: Tally) -> None:
    tally.errors.text((*path, "content"), text, limits.V2_TEXT, 1)


def _check_thumbnail(thumbnail: Json, path: Path, tally: Tally) -> None:
    _check_media(thumbnail, path, "media", tally)


def _check_gallery(gallery: Json, path: Path, tally: Tally) -> None:
    items = tally.errors.items((*path, "items"), gallery, limits.GALLERY_ITEMS, 1)
    for index, item in enumerate(items):
        _check_media(item, (*path, "items", index), "media", tally)


def _check_file(file: Json, path: Path, tally: Tally) -> None:
    _check_media(file, path, "file", tally)


def _check_separator(separator: Json, path: Path, tally: Tally) -> None:
    tally.errors.number((*path, "spacing"), separator, 1, 2)


def _check_container(container: Json, path: Path, tally: Tally) -> None:
    tally.errors.number((*path, "accent_color"), container, 0, 0xFFFFFF)
    held = tally.errors.items((*path, "components"), container, limits.V2_COMPONENTS, 1)
    for index, child in enumerate(held):
        _check(child, (*path, "components", index), INNER, tally)


def _check_row(row: Json, path: Path, tally: Tally) -> None:
    children = tally.errors.items((*path, "components"), row, limits.ROW_BUTTONS, 1)
    # A select fills its row alone.
    width = sum(5 if child.get("type") in SELECTS else 1 for child in children)
    if len(children) <= limits.ROW_BUTTONS < width:
        message = "The specified component exceeds the maximum width"
        last = (*path, "components", len(children) - 1)
        tally.errors.add(last, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
    for index, child in enumerate(children):
        _check(child, (*path, "components", index), (BUTTON, *SELECTS), tally)


def _check_button(button: Json, path: Path, tally: Tally) -> None:
    errors = tally.errors
    if not errors.choice((*path, "style"), button.get("style"), (1, 2, 3, 4, 5, 6)):
        return
    errors.text((*path, "label"), button, limits.BUTTON_LABEL)
    if button["style"] == PREMIUM_STYLE:
        errors.text((*path, "sku_id"), button, 20, 1)
        return
    if not button.get("label") and not button.get("emoji"):
        message = "A button must have a label or an emoji"
        errors.add((*path, "label"), "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", message)
    if button["style"] != LINK_STYLE:
        tally.custom_id(path, button)
        return
    if button.get("custom_id") is not None:
        message = "A custom id and url cannot both be specified"
        code = "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"
        errors.add((*path, "custom_id"), code, message)
    check_url((*path, "url"), errors.text((*path, "url"), button, limits.URL, 1), errors)


def check_url(
    path: Path,
    url: str,
    errors: FormErrors,
    schemes: tuple[str, ...] = ("http", "https", "discord"),
) -> None:
    """Check the scheme and the shape of an address."""
    scheme, separator, rest = url.partition("://")
    if not url:
        return
    if separator and scheme not in schemes:
        message = f'Scheme "{scheme}" is not supported. Scheme must be one of {schemes}.'
        errors.add(path, "URL_TYPE_INVALID_SCHEME", message)
    elif not separator or not rest or any(character.isspace() for character in url):
        errors.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def _check_select(select: Json, path: Path, tally: Tally) -> None:
    errors = tally.errors
    tally.custom_id(path, select)
    errors.text((*path, "placeholder"), select, limits.PLACEHOLDER)
    least = errors.number((*path, "min_values"), select, 0, limits.SELECT_OPTIONS)
    most = errors.number((*path, "max_values"), select, 1, limits.SELECT_OPTIONS)
    if (1 if least is None else least) > (1 if most is None else most):
        message = "min_values must not be greater than max_values"
        errors.add((*path, "min_values"), "SELECT_COMPONENT_MIN_GREATER_THAN_MAX", message)
    if select["type"] == STRING_SELECT:
        _check_options(select, path, errors, limits.SELECT_OPTIONS)


def _check_options(holder: Json, path: Path, errors: FormErrors, most: int) -> None:
    options = errors.items((*path, "options"), holder, most, 1)
    seen: set[str] = set()
    for index, option in enumerate(options):
        at = (*path, "options", index)
        errors.text((*at, "label"), option, limits.SELECT_TEXT, 1)
        errors.text((*at, "description"), option, limits.SELECT_TEXT)
        value = errors.text((*at, "value"), option, limits.SELECT_TEXT, 1)
        if value and value in seen:
            message = "The specified option value is already used"
            errors.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(value)
    chosen = sum(bool(option.get("default")) for option in options)
    if holder.get("type") == STRING_SELECT and chosen > (holder.get("max_values") or 1):
        message = "There are more default options than may be chosen"
        errors.add((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)


def _check_section(section: Json, path: Path, tally: Tally) -> None:
    texts = tally.errors.items((*path, "components"), section, limits.SECTION_TEXTS, 1)
    for index, child in enumerate(texts):
        _check(child, (*path, "components", index), (TEXT,), tally)
    accessory = section.get("accessory")
    if isinstance(accessory, dict):
        _check(accessory, (*path, "accessory"), (BUTTON, THUMBNAIL), tally)
    else:
        tally.errors.required((*path, "accessory"))


def _check_media(holder: Json, path: Path, key: str, tally: Tally) -> None:
    errors = tally.errors
    errors.text((*path, "description"), holder, limits.ATTACHMENT_DESCRIPTION)
    media = holder.get(key)
    if not isinstance(media, dict):
        errors.required((*path, key))
        return
    at = (*path, key, "url")
    url = errors.text(at, media, 2048, 1)
    schemes = ("attachment",) if key == "file" else ("http", "https", "attachment")
    check_url(at, url, errors, schemes)
    if url.startswith("attachment://"):
        tally.references.append((at, url.removeprefix("attachment://")))


CHECKS: dict[int, Callable[[Json, Path, Tally], None]] = {
    ROW: _check_row,
    BUTTON: _check_button,
    **dict.fromkeys(SELECTS, _check_select),
    SECTION: _check_section,
    TEXT: _check_text,
    THUMBNAIL: _check_thumbnail,
    GALLERY: _check_gallery,
    FILE: _check_file,
    SEPARATOR: _check_separator,
    CONTAINER: _check_container,
}


def check_modal(modal: Json, errors: FormErrors) -> None:
    """Check a modal: its title, its custom_id and its inputs."""
    errors.text(("title",), modal, limits.MODAL_TITLE, 1)
    errors.text(("custom_id",), modal, limits.CUSTOM_ID, 1)
    tally = Tally(errors)
    held = errors.items(("components",), modal, limits.MODAL_COMPONENTS, 1)
    for index, component in enumerate(held):
        path: Path = ("components", index)
        if not _allowed(component, path, (ROW, TEXT, LABEL), errors):
            continue
        if component["type"] == ROW:
            inputs = errors.items((*path, "components"), component, 1, 1)
            for place, text_input in enumerate(inputs):
                at = (*path, "components", place)
                if _allowed(text_input, at, (TEXT_INPUT,), errors):
                    _check_input(text_input, at, tally, labelled=False)
        elif component["type"] == LABEL:
            _check_label(component, path, tally)
        else:
            errors.text((*path, "content"), component, limits.V2_TEXT, 1)


def _check_label(label: Json, path: Path, tally: Tally) -> None:
    errors = tally.errors
    errors.text((*path, "label"), label, limits.INPUT_LABEL, 1)
    errors.text((*path, "description"), label, limits.SELECT_TEXT)
    inner = label.get("component")
    at = (*path, "component")
    if not isinstance(inner, dict):
        errors.required(at)
    elif _allowed(inner, at, LABELLED, errors):
        if inner["type"] == TEXT_INPUT:
            _check_input(inner, at, tally, labelled=True)
        elif inner["type"] in SELECTS:
            _check_select(inner, at, tally)
        else:
            tally.custom_id(at, inner)
            if inner["type"] in (RADIO_GROUP, CHECKBOX_GROUP):
                _check_options(inner, at, errors, 10)


def _check_input(text_input: Json, path: Path, tally: Tally, *, labelled: bool) -> None:
    errors = tally.errors
    tally.custom_id(path, text_input)
    errors.choice((*path, "style"), text_input.get("style"), (1, 2))
    if not labelled:
        errors.text((*path, "label"), text_input, limits.INPUT_LABEL, 1)
    errors.text((*path, "placeholder"), text_input, limits.INPUT_PLACEHOLDER)
    errors.text((*path, "value"), text_input, limits.INPUT_TEXT)
    errors.number((*path, "min_length"), text_input, 0, limits.INPUT_TEXT)
    errors.number((*path, "max_length"), text_input, 1, limits.INPUT_TEXT)
