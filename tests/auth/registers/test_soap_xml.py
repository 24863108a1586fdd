"""The XML reader: whatever comes in, a bounded tree comes out or DataError, and never anything of its own making."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.registers.soap_xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, MAX_TEXT, XmlNode, parse_xml
from reader.errors import DataError

WRITABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
PIECES = st.sampled_from(
    ["<a>", "</a>", "<a/>", "<!DOCTYPE a [", "<!ENTITY x 'y'>", "]>", "&x;", "&lt;", "<![CDATA[", "]]>", "<?x?>", " ",
     "<a xmlns='u'>", "<p:a xmlns:p='u'>", "</p:a>", "x", "&#1;", "<!--", "-->", "\x00", "é"]
)  # fmt: skip


@given(st.binary(max_size=300))
def test_bytes_end_in_a_tree_or_in_the_one_error(data: bytes) -> None:
    try:
        parse_xml(data)
    except DataError:
        return


@given(st.lists(PIECES, max_size=30))
def test_pieces_of_markup_end_so_too_and_no_entity_ever_stands_for_anything(pieces: list[str]) -> None:
    said = "".join(pieces)
    try:
        root = parse_xml(said.encode())
    except DataError:
        return
    assert "<!DOCTYPE" not in said.split("<a", 1)[0]
    assert _elements(root) <= MAX_ELEMENTS


@given(WRITABLE)
def test_what_was_escaped_comes_back_as_it_was(text: str) -> None:
    said = f"<a>{escape(text)}</a>".encode()
    if len(text) > MAX_TEXT:
        return
    assert parse_xml(said).text == text.strip()


def test_the_bounds_hold_exactly() -> None:
    deepest = "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH
    assert _elements(parse_xml(deepest.encode())) == MAX_DEPTH
    most = "<a>" + "<b/>" * (MAX_ELEMENTS - 1) + "</a>"
    assert len(parse_xml(most.encode()).children) == MAX_ELEMENTS - 1
    longest = f"<a>{'x' * MAX_TEXT}</a>"
    assert len(parse_xml(longest.encode()).text) == MAX_TEXT
    largest = b"<a/>" + b" " * (MAX_BYTES - 4)
    assert parse_xml(largest).name == "a"
    for beyond in (
        f"<a>{deepest}</a>".encode(),
        most.replace("</a>", "<b/></a>").encode(),
        longest.replace("xx", "xxx", 1).encode(),
        longest.replace("xx", "x<b/>xx", 1).encode(),
        largest + b" ",
    ):
        with pytest.raises(DataError):
            parse_xml(beyond)


def test_a_namespace_is_told_from_the_name_and_of_two_children_none_is_picked() -> None:
    root = parse_xml(b"<a xmlns='u' xmlns:p='urn:v'><b>1</b><p:b>2</p:b><c/><c/></a>")
    first, second = root.only("b", "u"), root.only("b", "urn:v")
    assert first is not None
    assert second is not None
    assert (first.text, second.text, root.only("b", "")) == ("1", "2", None)
    for several in (("c", "u"), ("b", "u", "urn:v")):
        with pytest.raises(DataError):
            root.only(*several)
    assert "1" not in repr(first)


def _elements(node: XmlNode) -> int:
    return 1 + sum(_elements(child) for child in node.children)
