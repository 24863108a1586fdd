"""What marks everything that the test issuer signs, so that no desk takes it for a document of a State.

Each certificate says it twice: in the organisation of every name, and in an extension under an arc that nobody else
uses (a UUID's, ITU-T X.667). ``reader.trust`` knows both by the same values; a test holds the two together.
"""

from __future__ import annotations

from mock_cards import der

__all__ = ["TEST_MARK_OID", "TEST_MARK_VALUE", "TEST_ORGANISATION"]

TEST_ORGANISATION = "Một Cửa TEST"
TEST_MARK_OID = "2.25.121040149498745439386435851019909405494"
TEST_MARK_VALUE = der.utf8("TEST")
