"""The test issuer: a persona and a chip profile come in, a personalised card and the test CSCA go out.

Calls the personas, ``image``, ``der`` and ``keys``; knows nothing of the card OS. Every certificate says TEST.
"""

from mock_cards.issuing.issuer import IssuedCard, Issuer, signing_time

__all__ = ["IssuedCard", "Issuer", "signing_time"]
