"""Numbers and lists in English words."""

from collections.abc import Collection


def count_of(number: int, things: str) -> str:
    """Return a number of things, given in the plural: "1 document", "3,255 documents"."""
    return f"{number:,} {things.removesuffix('s') if number == 1 else things}"


def list_words(words: Collection[str]) -> str:
    """Join words with commas, or with semicolons if any of them has a comma.

    If any has a semicolon, all are quoted.
    """
    if any(";" in each for each in words):
        return ", ".join(f"“{each}”" for each in words)
    return ("; " if any("," in each for each in words) else ", ").join(words)
