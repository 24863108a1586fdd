"""The test issuer: a persona and a chip profile come in, a personalised card and the test CSCA go out.

Calls the personas, ``image``, ``der`` and ``keys``; knows nothing of the card OS. Every certificate says TEST.
``make_pki`` makes the issuing side by itself, ``make_cv_pki`` the terminals', sound or with chosen defects.
"""

from mock_cards.issuing.cv_pki import CV_DEFECTS, CvPki, CvPkiOrder, make_cv_pki
from mock_cards.issuing.issuer import REVOKED_SERIAL, IssuedCard, Issuer, signing_time
from mock_cards.issuing.pki import Pki, PkiFile, PkiOrder, make_pki, pki_defects

__all__ = [
    "CV_DEFECTS",
    "REVOKED_SERIAL",
    "CvPki",
    "CvPkiOrder",
    "IssuedCard",
    "Issuer",
    "Pki",
    "PkiFile",
    "PkiOrder",
    "make_cv_pki",
    "make_pki",
    "pki_defects",
    "signing_time",
]
