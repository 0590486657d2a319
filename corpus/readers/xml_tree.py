"""Parses XML safely: no network, no other files, no expansion, no endless nesting."""

from html.entities import html5
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableSource

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

# An honest entity is a sign or an abbreviation; XML bombs have longer ones.
_ENTITY_CHARS = 40
# The parser's number for this error.
_ID_REDEFINED = 513


def parse_xml(data: bytes) -> "_Element":
    """Return the root of an XML document, its entities settled.

    Entities are the signs of HTML, and short words of the document's own; none is read from
    elsewhere. Raises UnreadableSource with the fault and its place.
    """
    from lxml import etree

    if not data.strip():
        raise UnreadableSource("the file is empty")
    try:
        root = etree.fromstring(data, _make_parser())
    except etree.XMLSyntaxError as error:
        again = _parse_despite_ids(data, error)
        if again is None:
            raise UnreadableSource(_explain(error)) from error
        root = again
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableSource("the file is no XML") from error
    _settle_entities(root)
    return root


def _parse_despite_ids(data: bytes, error: Any) -> "_Element | None":
    """Return the root if doubled ids are all that is wrong, else None."""
    from lxml import etree

    if error.code != _ID_REDEFINED:
        return None
    parser = _make_parser(recover=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    wrong = (entry for entry in parser.error_log if entry.level > etree.ErrorLevels.WARNING)
    return root if all(entry.type == _ID_REDEFINED for entry in wrong) else None


def _make_parser(*, recover: bool = False) -> "XMLParser":
    from lxml import etree

    # Ids have to be collected: not to do so makes the parser follow declarations to other files.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, recover=recover,
    )  # fmt: skip


def _explain(error: Any) -> str:
    line = (getattr(error, "position", None) or (0, 0))[0]
    message = " ".join(str(error.msg or "").partition(", line ")[0].split())
    if "depth" in message or "XML_PARSE_HUGE" in message or "HUGE" in message:
        return "the XML is nested too deeply, or has a text or name too long"
    if "ntity" in message and ("loop" in message or "amplification" in message):
        return "the XML refers to entities that expand without end; memcon does not expand them"
    return f"the XML is broken at line {line}: {message}" if message else "the file is no XML"


def _settle_entities(root: "_Element") -> None:
    """Replace entities by their characters; raises UnreadableSource for others."""
    from lxml import etree

    found = list(root.iter(etree.Entity))
    if not found:
        return
    # The stubs do not know all of a DTD.
    dtd: Any = root.getroottree().docinfo.internalDTD
    declared = {entity.name: entity.content for entity in dtd.iterentities()} if dtd else {}
    for node in found:
        name = str(getattr(node, "name", ""))
        words = declared[name] if name in declared else html5.get(f"{name};")
        if words is None or len(words) > _ENTITY_CHARS or "&" in words or "<" in words:
            raise UnreadableSource(
                f"the XML refers to something outside its own text, or repeats it (&{name};); "
                "memcon does not expand that"
            )
        _replace(node, words)


def _replace(node: "_Element", words: str) -> None:
    parent, before = node.getparent(), node.getprevious()
    words += node.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + words
    elif parent is not None:
        parent.text = (parent.text or "") + words
    if parent is not None:
        # lxml removes a node together with its tail.
        node.tail = None
        parent.remove(node)
