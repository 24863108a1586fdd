"""Every defect that the test issuer can make, as the verifier takes it: two sides written apart, one table between.

A defect without a row fails: whoever adds one says here what comes of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mock_cards.issuing import Pki, PkiOrder, make_pki
from mock_cards.issuing.country_defects import COUNTRY_DEFECTS
from mock_cards.issuing.list_defects import CRL_DEFECTS, LIST_DEFECTS
from mock_cards.issuing.signer_defects import SIGNER_DEFECTS
from reader.errors import DataError
from reader.trust import AnchorStore, Certificate, DocumentDates, TrustMaterial, judge_chain
from reader.trust.deviations import DeviationLists
from reader.trust.master_list import MasterList
from reader.trust.revocation import RevocationLists, judge_revocation
from reader.trust.signed_list import ListRefused

AT = datetime(2026, 6, 1, tzinfo=UTC)
SIGNED = AT - timedelta(days=330)
FINE = "anchored"

# Defect → reason of the chain, with the codes of its notes.
CHAIN = {
    "csca-expired": (FINE, "anchor-expired-since"),
    "csca-without-basic-constraints": ("anchor-not-authority",),
    "csca-is-no-ca": ("issuer-key-not-held",),
    "pathlen-1": ("anchor-not-authority",),
    "csca-without-key-cert-sign": ("anchor-not-authority",),
    "csca-without-key-usage": ("anchor-not-authority",),
    "csca-without-ski": (FINE, "issuer-key-id-differs"),
    "csca-unknown-critical-extension": ("unknown-critical-extension",),
    "lower-case-country": (FINE,),
    "three-letter-country": (FINE,),
    # Which State it is, is judged against the MRZ, beside the chain.
    "csca-of-another-country": (FINE,),
    "ds-of-another-country": (FINE,),
    "negative-serial": (FINE,),
    "zero-serial": (FINE,),
    "long-serial": (FINE,),
    # An anchor is believed because it was installed, not because it signed itself.
    "csca-signature-broken": (FINE,),
    "trailing-byte": ("issuer-key-not-held",),
    "altered-coefficient": ("issuer-key-not-held",),
    "private-key-usage-period": (FINE, "issued-outside-private-key-usage"),
    "short-csca-key": (FINE, "short-key"),
    "altered-generator": ("untrusted",),
    "csca-self-made": ("untrusted",),
    "same-ski-other-key": (FINE,),
    "exponent-1": ("issuer-key-not-held",),
    "link-signature-broken": (FINE,),
    "name-change-unsaid": (FINE,),
    "expired-ds": (FINE, "signer-expired-since"),
    "ds-not-yet-valid": ("signer-not-valid-at-signing",),
    "ds-is-ca": ("signer-is-authority",),
    "ds-wrong-key-usage": ("signer-wrong-purpose",),
    "wrong-eku": ("signer-wrong-purpose",),
    "deviation-list-eku": ("signer-wrong-purpose",),
    "unknown-critical-extension": ("unknown-critical-extension",),
    "repeated-extension": ("unreadable",),
    "document-type-mismatch": (FINE, "document-type-not-listed"),
    "ds-without-document-types": (FINE,),
    "ds-private-key-usage-period": (FINE, "outside-private-key-usage"),
    "aki-differs": (FINE, "issuer-key-id-differs"),
    "ds-without-aki": (FINE,),
    "issuer-written-otherwise": (FINE,),
    "issuer-name-differs": (FINE, "issuer-name-differs"),
    "times-without-seconds": (FINE,),
    "generalized-time-early": (FINE,),
    "surplus-algorithm-parameters": (FINE,),
    "inner-algorithm-differs": ("untrusted",),
    "ds-signature-broken": ("untrusted",),
    "sha1": (FINE, "sha1-signature"),
    "md5": ("untrusted",),
    "ecdsa-plain": (FINE,),
    "pss-salt-0": (FINE,),
    "pss-mgf-differs": (FINE,),
    "pss-trailer-2": ("algorithm-unsupported",),
    "pss-without-parameters": (FINE, "sha1-signature"),
}
REVOCATION = {
    "revoked-ds": "signer-revoked",
    "crl-expired": "revocation-list-expired",
    "crl-not-yet-valid": "revocation-list-not-yet-valid",
    "crl-wrong-issuer": "no-revocation-list",
    "crl-other-key": "no-revocation-list",
    "crl-signature-broken": "no-revocation-list",
    "crl-without-next-update": "not-revoked",
    "crl-without-number": "not-revoked",
    "crl-without-aki": "not-revoked",
    "crl-delta": "no-revocation-list",
    "crl-version-1": "not-revoked",
    "crl-trailing-byte": "no-revocation-list",
}
LISTS = {
    "ml-signature-broken": "signature-invalid",
    "ml-attributes-unsorted": "",
    "ml-content-type-differs": "signed-attributes-wrong",
    "ml-digest-differs": "content-digest-mismatch",
    "ml-without-signing-time": "signing-time-unknown",
    "ml-older": "older-than-held",
    "ml-without-signer-certificate": "signer-certificate-missing",
    "ml-without-csca": "",
    "ml-with-document-signer": "",
    "ml-signer-unknown": "signer-not-trusted",
    "ml-signer-without-eku": "signer-wrong-purpose",
    "ml-signer-expired": "signer-not-valid-at-signing",
    "ml-trailing-byte": "malformed",
    "dl-signature-broken": "signature-invalid",
    "dl-content-type-differs": "signed-attributes-wrong",
    "dl-signer-without-eku": "signer-wrong-purpose",
    "dl-signer-expired": "signer-not-valid-at-signing",
    "dl-signer-unknown": "signer-not-trusted",
}
# RSA keys of a seed are made by hand, which takes long.
UNSEEDED = ("pss-", "md5", "short-csca-key", "exponent-1")


def pki(*defects: str) -> Pki:
    seed = None if any(name.startswith(UNSEEDED) for name in defects) else "defects"
    return make_pki(PkiOrder(seed, AT, defects=defects))


def chain(made: Pki) -> tuple[str, ...]:
    try:
        signer = Certificate.parse(made["ds.cer"])
    except DataError:
        return ("unreadable",)
    trust = TrustMaterial(AnchorStore.of(made.anchors))
    verdict = judge_chain(signer, trust, DocumentDates(AT, signed=SIGNED), "ID").verdict
    return (str(verdict.reason), *(note.code for note in verdict.notes))


def revocation(made: Pki) -> str:
    store = AnchorStore.of((made["csca.cer"],))
    lists = RevocationLists.of((made["csca.crl"],), store)
    return str(judge_revocation(Certificate.parse(made["ds.cer"]), store.anchors[0], lists, AT).reason)


def refusal(made: Pki, file: str) -> str:
    roots = AnchorStore.of((made["csca.cer"],))
    if file == "deviation-list.dl":
        refused = DeviationLists.of((made[file],), roots).refused
        return str(refused[0].reason) if refused else ""
    try:
        MasterList.read(made[file], roots, held=AT - timedelta(days=100))
    except ListRefused as error:
        return str(error)
    except DataError:
        return "malformed"
    return ""


def test_what_is_sound_is_taken() -> None:
    made = pki()
    assert chain(made) == (FINE,)
    assert revocation(made) == "not-revoked"
    assert refusal(made, "master-list.ml") == refusal(made, "deviation-list.dl") == ""


def test_every_defect_has_its_row() -> None:
    assert set(CHAIN) == {defect.name for defect in (*COUNTRY_DEFECTS, *SIGNER_DEFECTS)}
    assert set(REVOCATION) == {defect.name for defect in CRL_DEFECTS}
    assert set(LISTS) == {defect.name for defect in LIST_DEFECTS}


@pytest.mark.parametrize("name", CHAIN)
def test_a_chain_with_a_defect_is_judged_so(name: str) -> None:
    assert chain(pki(name)) == CHAIN[name]


@pytest.mark.parametrize("name", REVOCATION)
def test_a_revocation_list_with_a_defect_is_judged_so(name: str) -> None:
    assert revocation(pki(name)) == REVOCATION[name]


@pytest.mark.parametrize("defect", LIST_DEFECTS, ids=lambda defect: defect.name)
def test_a_signed_list_with_a_defect_is_judged_so(defect: object) -> None:
    name, file = getattr(defect, "name", ""), getattr(defect, "file", "")
    assert refusal(pki(name), file) == LISTS[name]
