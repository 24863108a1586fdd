"""XML from a stranger as a small tree: no document type, no entities of its own, and every count bounded.

The parser is expat with a handler that refuses the first byte of a document type declaration, so neither internal nor
external entities can come about; what remains are the five of XML itself and character references.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat

from reader.errors import DataError

__all__ = ["XmlNode", "parse_xml"]

MAX_BYTES = 256_000
MAX_DEPTH = 12
MAX_ELEMENTS = 2_000
MAX_ATTRIBUTES = 20
MAX_TEXT = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class XmlNode:
    """Hold one element: its namespace and local name, the text directly in it, and its children in order."""

    namespace: str
    name: str
    text: str
    children: tuple[XmlNode, ...]

    def __repr__(self) -> str:
        """Show what it is called, not what it says."""
        return f"XmlNode({self.name}, {len(self.children)} children)"

    def only(self, name: str, *namespaces: str) -> XmlNode | None:
        """Return the child of that name, None where there is none; raise DataError where there are several.

        Of two values two readers may pick different ones, so nobody gets to pick.
        """
        found = [child for child in self.children if child.name == name and child.namespace in namespaces]
        if len(found) > 1:
            raise DataError("xml: an element twice")
        return found[0] if found else None


def parse_xml(data: bytes) -> XmlNode:
    """Return the root element of ``data``, read as UTF-8 whatever it declares; raise DataError for anything odd."""
    if not 0 < len(data) <= MAX_BYTES:
        raise DataError("xml: no size to read")
    if not _is_utf8(data):
        raise DataError("xml: not UTF-8")
    builder = _Builder()
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        # Its text may quote what was sent.
        raise DataError("xml: not well-formed") from None
    if builder.root is None:
        raise DataError("xml: no element")
    return builder.root


def _is_utf8(data: bytes) -> bool:
    """Tell it from other encodings: expat follows a byte order mark before what it was told.

    An answer instead of an exception, which would carry what was sent as its context.
    """
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _refuse(*_said: object) -> int:
    raise DataError("xml: a document type or an instruction")


class _Open:
    """An element that is not at its end yet."""

    def __init__(self, tag: str) -> None:
        self.namespace, _, self.name = tag.rpartition(" ")
        self.text: list[str] = []
        self.length = 0
        self.children: list[XmlNode] = []

    def closed(self) -> XmlNode:
        return XmlNode(self.namespace, self.name, "".join(self.text).strip(), tuple(self.children))


class _Builder:
    def __init__(self) -> None:
        self.root: XmlNode | None = None
        self._open: list[_Open] = []
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise DataError("xml: too deep or too much")
        self._open.append(_Open(tag))

    def text(self, piece: str) -> None:
        element = self._open[-1]
        element.length += len(piece)
        if element.length > MAX_TEXT:
            raise DataError("xml: too long a text")
        element.text.append(piece)

    def end(self, _tag: str) -> None:
        node = self._open.pop().closed()
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
