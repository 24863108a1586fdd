"""The issuing side as a product: OpenSSL takes what is sound, and each defect spoils its file and that file only."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, crl, x509

from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.pki import Pki, PkiOrder, make_pki, pki_defects
from reader.crypto import CURVES
from reader.iso7816 import parse
from reader.trust import AnchorStore, Certificate, RsaPublicKey, check_signature

AT = datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = str(int(AT.timestamp()))
NAMED = PkiOrder("test", AT, explicit_parameters=False)
OpenSsl = Callable[..., tuple[bool, str]]


@pytest.fixture(scope="module")
def sound() -> Pki:
    return make_pki(NAMED)


def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("test", AT, explicit_parameters=False, defects=defects))


def pem(raw: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(raw) + b"-----END CERTIFICATE-----\n"


# --- sound --------------------------------------------------------------------------------------------------------


def test_openssl_leads_every_certificate_to_its_csca(sound: Pki, openssl: OpenSsl) -> None:
    roots = pem(sound["csca.cer"])
    for name in ("csca.cer", "csca-link.cer", "ds.cer", "master-list-signer.cer", "deviation-list-signer.cer"):
        # A list signer's extended key usage is critical and none that openssl knows a purpose for.
        done, said = openssl(
            "verify", "-attime", MOMENT, "-purpose", "any", "-check_ss_sig", "-CAfile", roots, pem(sound[name])
        )
        assert done or "signer" in name, (name, said)
        assert not done or "OK" in said


def test_openssl_takes_the_new_key_over_the_link(sound: Pki, openssl: OpenSsl) -> None:
    """The link carries the key of the new CSCA, signed by the old one (ICAO 9303-12 §7.1.2)."""
    new, link = Certificate.parse(sound["csca-new.cer"]), Certificate.parse(sound["csca-link.cer"])
    old = Certificate.parse(sound["csca.cer"])
    assert new.spki == link.spki
    assert new.subject.raw == link.subject.raw == link.issuer.raw == old.subject.raw
    assert check_signature(old.public_key(), link.algorithm, link.tbs, link.signature) is None
    assert check_signature(new.public_key(), new.algorithm, new.tbs, new.signature) is None


def test_a_change_of_name_says_so(sound: Pki) -> None:
    link = x509.Certificate.load(sound["csca-name-change.cer"])
    oids = {extension["extn_id"].dotted for extension in link["tbs_certificate"]["extensions"]}
    assert "2.23.136.1.1.6.1" in oids
    assert link.subject == x509.Certificate.load(sound["csca-renamed.cer"]).subject
    assert link.issuer == x509.Certificate.load(sound["csca.cer"]).subject != link.subject


def test_openssl_verifies_the_revocation_list(sound: Pki, openssl: OpenSsl) -> None:
    done, said = openssl("crl", "-inform", "DER", "-in", sound["csca.crl"], "-CAfile", pem(sound["csca.cer"]), "-noout")
    assert done
    assert "verify OK" in said
    _, text = openssl("crl", "-inform", "DER", "-in", sound["csca.crl"], "-noout", "-text")
    assert "Version 2" in text
    assert "No Revoked Certificates" in text
    assert "X509v3 CRL Number" in text


def test_openssl_finds_the_signer_revoked(openssl: OpenSsl) -> None:
    revoked = pki("revoked-ds")
    done, said = openssl(
        "verify", "-attime", MOMENT, "-crl_check", "-CRLfile", _crl_pem(revoked["csca.crl"], openssl),
        "-CAfile", pem(revoked["csca.cer"]), pem(revoked["ds.cer"]),
    )  # fmt: skip
    assert not done
    assert "certificate revoked" in said


def _crl_pem(raw: bytes, openssl: OpenSsl) -> bytes:
    done, text = openssl("crl", "-inform", "DER", "-in", raw)
    assert done
    return text.encode()


@pytest.mark.parametrize("name", ["master-list.ml", "deviation-list.dl"])
def test_openssl_verifies_the_signed_lists(sound: Pki, openssl: OpenSsl, name: str) -> None:
    done, said = openssl(
        "cms", "-verify", "-noverify", "-inform", "DER", "-binary", "-in", sound[name], "-out", "content"
    )
    assert done, said


def test_the_master_list_holds_every_csca_and_is_signed_under_one_of_them(sound: Pki) -> None:
    signed = cms.ContentInfo.load(sound["master-list.ml"])["content"]
    assert signed["version"].native == "v3"
    assert signed["encap_content_info"]["content_type"].dotted == "2.23.136.1.1.2"
    version, listed = parse(signed["encap_content_info"]["content"].native).children()
    assert version.value == b"\x00"
    certificates = {listed.value[one.start : one.end] for one in listed.children()}
    wanted = {sound[f"csca{suffix}.cer"] for suffix in ("", "-new", "-renamed", "-link", "-name-change")}
    assert certificates == wanted
    assert {one.chosen.dump() for one in signed["certificates"]} == {sound["csca.cer"], sound["master-list-signer.cer"]}
    signer = x509.Certificate.load(sound["master-list-signer.cer"])
    assert [usage.dotted for usage in signer.extended_key_usage_value] == ["2.23.136.1.1.3"]


def test_the_deviation_list_names_the_document_signer(sound: Pki) -> None:
    signed = cms.ContentInfo.load(sound["deviation-list.dl"])["content"]
    assert signed["encap_content_info"]["content_type"].dotted == "2.23.136.1.1.7"
    content = signed["encap_content_info"]["content"].native
    assert x509.Certificate.load(sound["ds.cer"]).key_identifier in content
    assert (
        x509.Certificate.load(sound["deviation-list-signer.cer"]).extended_key_usage_value[0].dotted == "2.23.136.1.1.8"
    )


@pytest.mark.parametrize("name", [curve.name for curve in CURVES])
@pytest.mark.parametrize("explicit", [False, True], ids=["named", "explicit"])
def test_a_csca_on_every_curve_is_read_and_verified(name: str, explicit: bool, openssl: OpenSsl) -> None:
    made = make_pki(PkiOrder("curve", AT, csca=KeyAlgorithm.of(name), explicit_parameters=explicit))
    csca, signer = Certificate.parse(made["csca.cer"]), Certificate.parse(made["ds.cer"])
    assert csca.public_key().name == name
    assert check_signature(csca.public_key(), signer.algorithm, signer.tbs, signer.signature) is None
    _, text = openssl("x509", "-inform", "DER", "-in", made["csca.cer"], "-noout", "-text")
    assert ("Field Type: prime-field" if explicit else "ASN1 OID") in text


@pytest.mark.parametrize("name", ["rsa-2048", "rsa-pss-2048"])
def test_openssl_verifies_what_an_rsa_csca_signs(name: str, openssl: OpenSsl) -> None:
    made = make_pki(PkiOrder(None, AT, csca=KeyAlgorithm.of(name)))
    done, said = openssl("verify", "-attime", MOMENT, "-CAfile", pem(made["csca.cer"]), pem(made["ds.cer"]))
    assert done, said


def test_a_pki_can_be_signed_by_rsa_throughout(openssl: OpenSsl) -> None:
    rsa = KeyAlgorithm.of("rsa-pss-2048")
    made = make_pki(PkiOrder(None, AT, csca=rsa, signer=rsa))
    done, said = openssl("cms", "-verify", "-noverify", "-inform", "DER", "-binary", "-in", made["master-list.ml"])
    assert done, said


def test_one_seed_and_moment_give_the_same_bytes_and_no_seed_fresh_ones(sound: Pki) -> None:
    again = make_pki(NAMED)
    assert {name: file.content for name, file in again.files.items()} == {
        name: file.content for name, file in sound.files.items()
    }
    assert make_pki()["csca.cer"] != make_pki()["csca.cer"]


def test_only_the_three_cscas_are_anchors_and_all_say_test(sound: Pki) -> None:
    store = AnchorStore.of(sound.anchors)
    assert len(store) == 3
    assert all(anchor.is_test for anchor in store.anchors)


# --- defects ------------------------------------------------------------------------------------------------------

# Files that follow from another: who signs under a spoilt CSCA names it, and lists hold what was spoilt.
ECHOES = {
    "csca.cer": {"csca-new.cer", "csca-link.cer", "csca-name-change.cer", "ds.cer", "csca.crl"}
    | {"master-list.ml", "master-list-signer.cer", "deviation-list.dl", "deviation-list-signer.cer"},
    "csca-second.cer": {"ds.cer", "csca.crl", "master-list.ml", "deviation-list.dl"},
    "ds.cer": {"csca.crl", "master-list.ml"},
    "csca-link.cer": {"master-list.ml"},
    "csca-name-change.cer": {"master-list.ml"},
    "csca.crl": set(),
    "master-list.ml": {"master-list-signer.cer"},
    "deviation-list.dl": {"deviation-list-signer.cer"},
}
OF_ELLIPTIC_CURVES = [
    defect for defect in pki_defects()
    if getattr(defect, "algorithm", None) is None and defect.name not in ("exponent-1", "altered-coefficient")
]  # fmt: skip
NEEDS_ANOTHER_KEY = [defect.name for defect in pki_defects() if getattr(defect, "algorithm", None)]


def test_names_are_unique_and_every_defect_says_what_and_which_rule() -> None:
    names = [defect.name for defect in pki_defects()]
    assert len(names) == len(set(names)) > 60
    assert all(defect.about and defect.rule and defect.file for defect in pki_defects())


@pytest.mark.parametrize("defect", OF_ELLIPTIC_CURVES, ids=lambda defect: defect.name)
def test_a_defect_spoils_its_file_and_what_follows_from_it(defect: object, sound: Pki) -> None:
    name, file = getattr(defect, "name", ""), getattr(defect, "file", "")
    spoilt = pki(name)
    changed = {one for one in spoilt.files if one not in sound.files or spoilt[one] != sound[one]}
    assert file in changed
    # Keys drawn for the defect itself move the seeded generator, so that every later key is another.
    draws = file == "csca-second.cer" or name.endswith(("other-key", "signer-unknown"))
    assert draws or changed - {file} <= ECHOES[file]
    assert spoilt.files[file].defects == (name,)


@pytest.mark.parametrize("name", NEEDS_ANOTHER_KEY)
def test_a_defect_of_rsa_makes_the_csca_an_rsa_one(name: str) -> None:
    # Without a seed the system's library makes the keys, which is much faster.
    made = make_pki(PkiOrder(None, AT, defects=(name,)))
    key = Certificate.parse(made["csca.cer"]).public_key()
    assert isinstance(key, RsaPublicKey)
    assert key.is_short == (name == "short-csca-key")


def test_the_altered_generator_shares_the_point_and_signs_for_it(openssl: OpenSsl) -> None:
    """CVE-2020-0601: OpenSSL, which takes explicit parameters as they come, finds the forged signature good."""
    made = make_pki(PkiOrder("forged", AT, defects=("altered-generator",)))
    genuine, forged = Certificate.parse(made["csca.cer"]), Certificate.parse(made["csca-second.cer"])
    size = 128
    assert genuine.spki[-size:] == forged.spki[-size:], "the same point"
    assert genuine.spki != forged.spki
    assert genuine.subject_key_id == forged.subject_key_id
    done, public = openssl("x509", "-inform", "DER", "-in", made["csca-second.cer"], "-noout", "-pubkey")
    assert done
    ds = Certificate.parse(made["ds.cer"])
    done, said = openssl("dgst", "-sha512", "-verify", public.encode(), "-signature", ds.signature, ds.tbs)
    assert done, said
    assert check_signature(genuine.public_key(), ds.algorithm, ds.tbs, ds.signature) is not None
    assert [refused.reason for refused in AnchorStore.of((made["csca-second.cer"],)).refused] == ["unknown-curve"]


def test_exponent_one_verifies_for_whoever_believes_it() -> None:
    made = pki("exponent-1")
    second = x509.Certificate.load(made["csca-second.cer"])
    assert second.public_key["public_key"].parsed["public_exponent"].native == 1


OPENSSL_REFUSES = {
    "expired-ds": "certificate has expired",
    "ds-not-yet-valid": "certificate is not yet valid",
    "ds-signature-broken": "signature failure",
    "unknown-critical-extension": "unhandled critical extension",
    "csca-expired": "certificate has expired",
    "csca-is-no-ca": "invalid CA certificate",
    "csca-without-key-cert-sign": "error",
    "csca-self-made": "signature failure",
    "csca-signature-broken": "signature failure",
    "issuer-name-differs": "unable to get local issuer certificate",
    "repeated-extension": "error",
    "times-without-seconds": "error",
    "aki-differs": "error",
}


@pytest.mark.parametrize(("name", "words"), OPENSSL_REFUSES.items())
def test_openssl_names_the_defects_that_it_judges(name: str, words: str, openssl: OpenSsl) -> None:
    made = pki(name)
    done, said = openssl(
        "verify", "-attime", MOMENT, "-check_ss_sig", "-CAfile", pem(made["csca.cer"]), pem(made["ds.cer"])
    )
    assert not done
    assert words in said


CRL_REFUSED = {"crl-other-key": "verify failure", "crl-signature-broken": "verify failure"}


@pytest.mark.parametrize("name", CRL_REFUSED)
def test_openssl_refuses_revocation_lists_that_were_not_signed_so(name: str, openssl: OpenSsl) -> None:
    made = pki(name)
    _, said = openssl("crl", "-inform", "DER", "-in", made["csca.crl"], "-CAfile", pem(made["csca.cer"]), "-noout")
    assert CRL_REFUSED[name] in said


@pytest.mark.parametrize("name", ["ml-signature-broken", "ml-attributes-unsorted", "ml-digest-differs"])
def test_openssl_refuses_lists_that_were_not_signed_so(name: str, openssl: OpenSsl) -> None:
    made = pki(name)
    done, _ = openssl("cms", "-verify", "-noverify", "-inform", "DER", "-binary", "-in", made["master-list.ml"])
    assert not done


def test_lists_are_dated_as_their_defects_say() -> None:
    def dates(*defects: str) -> tuple[datetime, datetime]:
        tbs = crl.CertificateList.load(pki(*defects)["csca.crl"])["tbs_cert_list"]
        return tbs["this_update"].native, tbs["next_update"].native

    assert dates() == (AT - timedelta(days=1), AT + timedelta(days=89))
    assert dates("crl-expired")[1] < AT
    assert dates("crl-not-yet-valid")[0] > AT


def test_defects_can_be_combined_and_unknown_or_clashing_ones_are_refused() -> None:
    both = pki("ds-is-ca", "crl-expired", "expired-ds")
    assert both.files["ds.cer"].defects == ("ds-is-ca", "expired-ds")
    with pytest.raises(KeyError, match="no-such-defect"):
        pki("no-such-defect")
    with pytest.raises(ValueError, match="two kinds of key"):
        pki("md5", "pss-salt-0")
    with pytest.raises(ValueError, match="two other CSCAs"):
        pki("csca-self-made", "same-ski-other-key")
    with pytest.raises(ValueError, match="explicit parameters"):
        pki("altered-coefficient")
