"""What marks everything that the test issuer signs, so that no desk takes it for a document of a State.

Each certificate says it twice: in the organisation of every name, and in an extension under an arc that nobody else
uses. The arc is made of a UUID in seven parts: the one arc of 128 bits that ITU-T X.667 makes of it is refused by
parsers that hold an arc in 31 bits, and with it the whole certificate. ``reader.trust`` knows both by the same values;
a test holds the two together.
"""

from __future__ import annotations

from mock_cards import der

__all__ = ["TEST_MARK_OID", "TEST_MARK_VALUE", "TEST_ORGANISATION"]

TEST_ORGANISATION = "Một Cửa TEST"
TEST_MARK_OID = "1.2.840.113556.1.8000.2554.23311.31774.27962.19544.40743.10805442.14228278"
TEST_MARK_VALUE = der.utf8("TEST")
