"""EF.SOD is wrong in itself: its signature, its signed attributes, its list, its algorithms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mock_cards import der
from mock_cards.forgeries.forgery import ATTENTION, PROCEED, STOP, Forgery, Make, month_of_issue
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.certificates import KeyAlgorithm, key_id_of
from mock_cards.issuing.security_object import make_lds_security_object
from mock_cards.issuing.signatures import SignatureScheme, ecdsa, ecdsa_plain, pss
from mock_cards.issuing.signed_data import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    AlterSignedData,
    Attribute,
    SignedDataTemplate,
    SignerTemplate,
    message_digest,
    subject_key_identifier,
)

__all__ = ["SECURITY_OBJECTS"]

_SIGNATURE, _HASHES, _LISTS = "passive.sod-signature", "passive.data-group-hashes", "lds.com-sod-consistency"
_OTHER_CONTENT_TYPE = "1.2.840.113549.1.7.1"  # id-data
_VERSION_1_7, _VERSION_1_8 = ("0107", "040000"), ("0108", "040000")

_AlterSigner = Callable[[SignerTemplate], SignerTemplate]


def _altered(alter: AlterSignedData) -> Make:
    return lambda card, issuer: issuer.sign(card, alter=alter)


def _signed(alter: _AlterSigner) -> Make:
    return _altered(lambda template: template.with_signer(alter))


def _listing(digest: str = "sha256", versions: tuple[str, str] | None = None) -> Make:
    """Sign a list with other digests, or of version 1."""
    return lambda card, issuer: issuer.sign(card, content=make_lds_security_object(card.data_groups, digest, versions))


def _broken_signature(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # The signature's s is the end of the file: its last bit stays a number in range, but not the right one.
    security_object = card.files["EF.SOD"]
    return card.with_files(SOD=security_object[:-1] + bytes((security_object[-1] ^ 1,)))


def _changed_list(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    """Change a digest in the list and leave signed attributes and signature as they are (PA-02)."""
    listed = make_lds_security_object(card.data_groups)
    other = listed[:-1] + bytes((listed[-1] ^ 1,))
    return card.with_files(SOD=card.files["EF.SOD"].replace(listed, other))


def _wrong_digest(template: SignedDataTemplate) -> SignedDataTemplate:
    return template.with_signer(lambda signer: signer.with_attribute(message_digest(b"other content", signer.digest)))


def _type_of_data(template: SignedDataTemplate) -> SignedDataTemplate:
    said = Attribute(CONTENT_TYPE, (der.object_identifier(_OTHER_CONTENT_TYPE),))
    return replace(template, content_type=_OTHER_CONTENT_TYPE).with_signer(lambda signer: signer.with_attribute(said))


def _digest_twice(signer: SignerTemplate) -> SignerTemplate:
    return replace(signer, attributes=(*signer.attributes, *(a for a in signer.attributes if a.oid == MESSAGE_DIGEST)))


def _type_differs(signer: SignerTemplate) -> SignerTemplate:
    return signer.with_attribute(Attribute(CONTENT_TYPE, (der.object_identifier(_OTHER_CONTENT_TYPE),)))


def _by_another_key(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    key = issuer.new_chip_key()  # on another curve than the Document Signer's (PA-09)
    return issuer.sign(card, alter=lambda template: template.with_signer(lambda signer: replace(signer, key=key)))


def _says_another_hash(signer: SignerTemplate) -> SignerTemplate:
    return replace(signer, signed_with=ecdsa("sha384"))


def _hashes_with(digest: str) -> AlterSignedData:
    """Use another hash for attributes and signature than for the list (PA-05, PA-06)."""

    def alter(template: SignedDataTemplate) -> SignedDataTemplate:
        content = template.content or b""
        return template.with_signer(
            lambda signer: replace(signer, digest=digest, scheme=ecdsa(digest)).with_attribute(
                message_digest(content, digest)
            )
        )

    return alter


def _digest_only(digest: str) -> AlterSignedData:
    def alter(template: SignedDataTemplate) -> SignedDataTemplate:
        content = template.content or b""
        return template.with_signer(
            lambda signer: replace(signer, digest=digest).with_attribute(message_digest(content, digest))
        )

    return alter


def _two_signers(template: SignedDataTemplate) -> SignedDataTemplate:
    return replace(template, signers=(*template.signers, replace(template.signers[0], ordered=False)))


def _second_signer_wrong(template: SignedDataTemplate) -> SignedDataTemplate:
    wrong = _says_another_hash(template.signers[0])
    return replace(template, signers=(*template.signers, wrong))


def _by_key_identifier(signer: SignerTemplate) -> SignerTemplate:
    return replace(signer, identifier=subject_key_identifier(key_id_of(signer.key)))


def _beside_the_csca(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Put the CSCA's certificate beside the signer's: the signer is found by what names it (PA-14)."""
    csca = issuer.country.certificate
    return issuer.sign(card, alter=lambda template: replace(template, certificates=(csca, *template.certificates)))


def _without_a_group(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    groups = {number: content for number, content in card.data_groups.items() if number != 13}
    return issuer.sign(card, content=make_lds_security_object(groups))


def _digest_of_another(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    groups = card.data_groups | {13: card.data_groups[1]}
    return issuer.sign(card, content=make_lds_security_object(groups))


def _signed_by(algorithm: str, alter: _AlterSigner | None = None) -> Make:
    """Have a Document Signer with another kind of key sign (PA-07)."""

    def make(card: IssuedCard, issuer: Issuer) -> IssuedCard:
        signer = issuer.document_signer(month_of_issue(card), algorithm=KeyAlgorithm.of(algorithm))
        return issuer.sign(card, signer, _with_signer(alter) if alter else None)

    return make


def _with_signer(alter: _AlterSigner) -> AlterSignedData:
    return lambda template: template.with_signer(alter)


def _says_scheme(scheme: SignatureScheme) -> _AlterSigner:
    """Say one scheme and sign by it."""
    return lambda signer: replace(signer, scheme=scheme)


def _says_but_signs(scheme: SignatureScheme, signed_with: SignatureScheme) -> _AlterSigner:
    return lambda signer: replace(signer, scheme=scheme, signed_with=signed_with)


def _sod(name: str, about: str, make: Make, *fails: str, decision: str = STOP) -> Forgery:
    return Forgery(name, about, frozenset(fails), decision, make)


_WRONG = (
    _sod(
        "sod-signature-broken", "one bit of the signature in EF.SOD is another (PA-02)", _broken_signature, _SIGNATURE
    ),
    _sod("sod-list-changed", "a digest in the list is another than was signed (PA-02)", _changed_list, _SIGNATURE),
    _sod(
        "sod-digest-wrong",
        "the signed digest is of other content (PA-03)",
        _altered(_wrong_digest),
        _SIGNATURE,
    ),
    _sod(
        "sod-digest-missing",
        "there is no signed digest (PA-03)",
        _signed(lambda signer: signer.without_attribute(MESSAGE_DIGEST)),
        _SIGNATURE,
    ),
    _sod("sod-digest-twice", "the signed digest stands there twice (PA-03)", _signed(_digest_twice), _SIGNATURE),
    _sod(
        "sod-type-missing",
        "no content type is signed (PA-03)",
        _signed(lambda signer: signer.without_attribute(CONTENT_TYPE)),
        _SIGNATURE,
    ),
    _sod(
        "sod-type-differs", "another content type is signed than is there (PA-03)", _signed(_type_differs), _SIGNATURE
    ),
    _sod(
        "sod-type-wrong",
        "the signature is over something else than a security object (C3)",
        _altered(_type_of_data),
        _SIGNATURE,
    ),
    _sod(
        "sod-without-attributes",
        "nothing but the content is signed (PA-03)",
        _signed(lambda signer: replace(signer, attributes=())),
        _SIGNATURE,
    ),
    _sod(
        "sod-without-signer",
        "nobody signed EF.SOD (C3)",
        _altered(lambda template: replace(template, signers=())),
        _SIGNATURE,
    ),
    _sod(
        "sod-without-content",
        "EF.SOD signs something that is not there",
        _altered(lambda t: replace(t, content=None)),
        _SIGNATURE,
        "lds.structure",
    ),
    _sod("sod-by-another-key", "EF.SOD is signed by a key on another curve (PA-09)", _by_another_key, _SIGNATURE),
    _sod(
        "sod-another-hash-said",
        "EF.SOD says it was signed with another hash than it was",
        _signed(_says_another_hash),
        _SIGNATURE,
    ),
    _sod(
        "sod-second-signer-wrong",
        "of two signatures the second is wrong (PA-14)",
        _altered(_second_signer_wrong),
        _SIGNATURE,
    ),
    _sod(
        "sod-md5-signature",
        "the content of EF.SOD is hashed with MD5 (PA-06)",
        _altered(_digest_only("md5")),
        _SIGNATURE,
    ),
    _sod("sod-md5-list", "the data groups are hashed with MD5 (PA-06)", _listing("md5"), _HASHES),
    _sod("sod-list-without-dg13", "DG13 is there, and EF.SOD does not list it (LC-01)", _without_a_group, _LISTS),
    _sod("sod-digest-of-dg1-for-dg13", "EF.SOD has the digest of DG1 for DG13 (C3)", _digest_of_another, _HASHES),
    _sod(
        "sod-other-lds-version",
        "EF.SOD signs another version of the LDS than EF.COM says (LC-06)",
        _listing(versions=_VERSION_1_8),
        _LISTS,
    ),
)

_PSS = "rsa-pss-2048"

_SCHEMES = (
    _sod("sod-rsa-pkcs1", "EF.SOD is signed by RSA with PKCS#1", _signed_by("rsa-2048"), decision=PROCEED),
    _sod("sod-rsa-pss", "EF.SOD is signed by RSA-PSS (PA-07)", _signed_by(_PSS), decision=PROCEED),
    _sod(
        "sod-pss-salt-0",
        "RSA-PSS with no salt, as its parameters say (PA-07)",
        _signed_by(_PSS, _says_scheme(pss("sha256", salt_length=0))),
        decision=PROCEED,
    ),
    _sod(
        "sod-pss-salt-differs",
        "RSA-PSS with another salt than its parameters say (PA-07)",
        _signed_by(_PSS, _says_but_signs(pss("sha256", salt_length=20), pss("sha256", salt_length=32))),
        _SIGNATURE,
    ),
    _sod(
        "sod-pss-mask-differs",
        "RSA-PSS whose mask is of another hash than its parameters say (PA-07)",
        _signed_by(_PSS, _says_but_signs(pss("sha256", mgf_hash="sha384"), pss("sha256"))),
        _SIGNATURE,
    ),
    _sod(
        "sod-pss-trailer-2",
        "the parameters of RSA-PSS name a trailer that there is not (PA-07)",
        _signed_by(_PSS, _says_but_signs(pss("sha256", trailer=2), pss("sha256"))),
        decision=ATTENTION,
    ),
    _sod(
        "sod-ecdsa-plain",
        "EF.SOD is signed by ECDSA as r and s, one behind the other (PA-10)",
        _signed(_says_scheme(ecdsa_plain("sha256"))),
        decision=PROCEED,
    ),
)

_ALLOWED = (
    _sod(
        "sod-without-certificate",
        "the signer's certificate is not in EF.SOD (PA-13)",
        _altered(lambda template: replace(template, certificates=())),
        decision=ATTENTION,
    ),
    _sod(
        "sod-sha1",
        "attributes and signature are made with SHA-1 (PA-06)",
        _altered(_hashes_with("sha1")),
        decision=ATTENTION,
    ),
    _sod("sod-sha1-list", "the data groups are hashed with SHA-1 (PA-06)", _listing("sha1"), decision=ATTENTION),
    _sod(
        "sod-other-hashes",
        "list, attributes and signature use hashes of their own, each for its purpose (PA-05)",
        _altered(_digest_only("sha384")),
        decision=PROCEED,
    ),
    _sod(
        "sod-attributes-unordered",
        "the signed attributes are stored in another order than they were signed (PA-04)",
        _signed(lambda signer: replace(signer, ordered=False)),
        decision=PROCEED,
    ),
    _sod(
        "sod-two-signers", "two signers signed EF.SOD, both rightly (PA-14)", _altered(_two_signers), decision=PROCEED
    ),
    _sod(
        "sod-csca-beside", "the CSCA's certificate lies beside the signer's (PA-14)", _beside_the_csca, decision=PROCEED
    ),
    _sod(
        "sod-signer-by-key-id",
        "the signer is named by its key identifier (PA-14)",
        _signed(_by_key_identifier),
        decision=PROCEED,
    ),
    _sod(
        "sod-without-signing-time",
        "EF.SOD does not say when it was signed: the day of issue stands in for it (PA-16)",
        _signed(lambda signer: signer.without_attribute(SIGNING_TIME)),
        decision=PROCEED,
    ),
    _sod(
        "sod-version-1", "EF.SOD signs the versions that EF.COM says", _listing(versions=_VERSION_1_7), decision=PROCEED
    ),
)

SECURITY_OBJECTS: tuple[Forgery, ...] = (*_WRONG, *_SCHEMES, *_ALLOWED)
