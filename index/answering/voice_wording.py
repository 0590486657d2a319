"""How a voice is put into words beside a quotation."""

from corpus.authority.attribution import attribute, describe_source
from corpus.documents import Provenance, Turn
from index.answering.voices import Voice, Voices
from index.understanding.speakers import name_of, split_speakers


def describe_voice(
    voice: Voice | None,
    speaker: str,
    provenance: Provenance,
    turn: Turn | None,
    enclosed_in: str | None = None,
) -> str | None:
    """Describe whose words a quotation has, for a question that asks for a speaker's.

    `provenance` is that of the record which the words belong to, `enclosed_in` names the one around
    it. None if the record's own attribution says it already.
    """
    asked, by = _with_article(speaker), f"From {describe_source(provenance)}"
    writers = " and ".join(map(_with_article, provenance.creators))
    readers = " and ".join(map(_with_article, provenance.recipients))
    if writers and provenance.about is None:
        is_known = provenance.kind or provenance.side or not readers
        by = f"{by} that {writers} wrote" if is_known else f"From what {writers} wrote to {readers}"
    by = ", ".join(filter(None, [by, enclosed_in]))
    match voice:
        case Voice.TURN:
            return None
        case Voice.AUTHOR:
            own = Voices(speaker).wrote(provenance)
            return by if own else f"{by}, in a part that {asked} signed"
        case Voice.REPORT:
            return f"{attribute(provenance, turn) if turn else by}; reports what {asked} said"
        case _:
            return None if turn else f"{by}; whether {asked} said this is left open"


def _with_article(words: str) -> str:
    """Return a person or office as inside a sentence: "the Secretary of State"."""
    is_office = not any(map(name_of, split_speakers(words)))
    return f"the {words}" if is_office and not words.lower().startswith("the ") else words
