"""Questions that lean on the one before: "And Gore?", "What did he reply?"."""

import re

_LEANING = re.compile(
    r"^(?:and|but|also|what about|how about|why|when|where|who|how)\b[^.]{0,24}\?*$"
    r"|\b(?:he|she|they|it|him|her|them|his|their|its|that|this|those|these|there)\b",
    re.IGNORECASE,
)


def lean(question: str, last: str) -> str:
    """Return a question as it is to be asked: after the last one where it leans on that."""
    return f"{last} {question}" if _LEANING.search(question) else question
