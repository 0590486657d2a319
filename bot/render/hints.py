"""Suggested commands, which name the archive that was asked."""

import shlex
from contextvars import ContextVar
from dataclasses import fields, replace
from pathlib import Path

from bot.render.wording import name_filters
from bot.settings import AnswerSettings
from index.answering.answer import Answer
from index.answering.leads import Hint
from index.understanding.japanese.dictionary import INSTALL, open_dictionary
from index.understanding.japanese.glossary import is_japanese

_chosen: ContextVar[Path | None] = ContextVar("chosen", default=None)
_STANDARD = AnswerSettings()
_defaults: ContextVar[AnswerSettings] = ContextVar("defaults", default=_STANDARD)


def choose(archive: Path | None, defaults: AnswerSettings = _STANDARD) -> None:
    """Set the archive that the command names (None: the default) and the answer settings."""
    _chosen.set(archive)
    _defaults.set(defaults)


def addressed(command: str) -> str:
    """Return a memcon command with the chosen archive, ready to type."""
    archive = _chosen.get()
    if archive is None or not command.startswith("memcon "):
        return command
    return f"{command} --archive {shlex.quote(str(archive))}"


def spell_hint(answer: Answer, hint: Hint) -> str:
    """Return the command that asks a refused question again with a hint's changes."""
    filters = replace(answer.filters, **dict.fromkeys(hint.without))
    given = tuple(each.name for each in fields(filters) if getattr(filters, each.name) is not None)
    words = ["memcon", "ask"]
    for name, value in name_filters(filters, given):
        words += [f"--{name}", value]
    level = hint.level or answer.level
    if level != _defaults.get().level:
        words += ["--level", level]
    if answer.reranker and answer.reranker.name != _defaults.get().rerank:
        words += ["--rerank", answer.reranker.name]
    # After a double dash even a question that begins with a dash is no option.
    end = ["--"] if answer.question.startswith("-") else []
    question = shlex.join([*end, answer.question])
    return f"{addressed(shlex.join(words))} {question}"


def advise_dictionary(question: str) -> str | None:
    """Return advice for a Japanese question if no dictionary is installed; None otherwise."""
    if not is_japanese(question) or open_dictionary() is not None:
        return None
    return f"no Japanese dictionary is installed, so few words were looked up in English: {INSTALL}"
