"""Cleaning the text of a question that a user typed."""

import re
import unicodedata

from corpus.errors import UsageError
from corpus.letters import strip_invisible

MAX_QUESTION_CHARS = 2000
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def clean_question(words: str) -> str:
    """Return a question on one line, without control characters and terminal escape sequences.

    Raises UsageError if nothing is left, or more than `MAX_QUESTION_CHARS`.
    """
    # Text copied from a terminal may contain its colours.
    seen = strip_invisible(_ESCAPES.sub("", words))
    spaced = (" " if char.isspace() else char for char in seen)
    cleaned = "".join(char for char in spaced if unicodedata.category(char) not in {"Cc", "Cs"})
    question = " ".join(cleaned.split())
    if not question:
        raise UsageError("The question is empty.", 'memcon ask "Who translated the records?"')
    if len(question) > MAX_QUESTION_CHARS:
        raise UsageError(
            f"The question has {len(question):,} characters, more than {MAX_QUESTION_CHARS:,}."
        )
    return question
