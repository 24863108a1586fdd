"""Which emulated card shows which condition: the field's list of what a reader must judge, row by row.

The ids are those under which the conditions are known to our tests: access (AC), secure messaging (SM), files (LF),
consistency (LC), passive authentication (PA), chip proofs (CH), and hostile card data (C). Each row names forgeries,
faults, chips, or defects of a test PKI; ``mock-cards list`` hands them out.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CONDITIONS"]

_REFUSED = ("6fff", "6300", "6982", "6a80", "6a88")


def _keys(*which: str) -> tuple[str, ...]:
    return tuple(f"pace-{step}-key-{name}" for step in ("mapping", "agreement") for name in which)


_ACCESS = {
    "AC-01": (*(f"pace-refused-{sw}" for sw in _REFUSED), *(f"pace-nonce-refused-{sw}" for sw in _REFUSED)),
    "AC-02": ("pace-no-answer",),
    "AC-03": ("card-access-cut-short", "card-access-trailing-bytes", "card-access-as-sequence"),
    "AC-04": ("card-access-absent",),
    "AC-05": ("pace-stripped",),
    "AC-06": ("pace-injected",),
    "AC-07": ("card-security-other-key",),
    "AC-08": ("dg14-not-issued",),
    "AC-09": ("icao-several",),
    "AC-10": ("quirk-tag84-refused",),
    "AC-11": ("quirk-tag84-6a80", "quirk-tag84-6a87"),
    "AC-12": ("pace-explicit-parameters",),
    "AC-13": _keys("echoed"),
    "AC-14": _keys("off-curve", "infinity", "compressed", "short"),
    "AC-16": ("pace-token-wrong",),
    "AC-17": ("icao-p521",),
    "AC-18": ("icao-dh", "icao-dh-im"),
    "AC-19": ("quirk-can-counted", "eid-german"),
    "AC-20": ("bac-checksum-wrong",),
    "AC-21": ("vietnam-2021", "vietnam-2024"),
    "AC-22": ("quirk-dir-closed",),
}
_MESSAGING = {
    "SM-01": ("sm-data-flipped", "sm-status-flipped", "sm-mac-flipped"),
    "SM-02": ("sm-answer-empty",),
    "SM-03": ("bare-6700", "bare-6a82", "bare-6b00", "bare-6282", "bare-6988", "quirk-naked-6700"),
    "SM-04": ("sm-status-differs",),
    "SM-05": (
        "sm-checksum-missing",
        "sm-checksum-short",
        "sm-checksum-long",
        "sm-objects-reordered",
        "sm-object-unknown",
        "sm-object-twice",
    ),
    "SM-06": ("sm-answer-replayed", "sm-answer-dropped"),
    "SM-07": ("quirk-6282-padding",),
    "SM-07b": ("dg2-part-corrupted",),
    "SM-08": ("dg2-refused-6300", "dg2-refused-6400", "dg2-refused-6a00", "bare-6300", "bare-6400", "bare-6a00"),
    "SM-09": ("dg2-refused-6f00", "bare-6f00"),
    "SM-10": ("no-answer", "sm-answer-dropped"),
}
_FILES = {
    "LF-01": ("dg2-length-lies", "dg2-length-huge", "dg2-length-indefinite", "dg2-length-of-five-bytes", "dg2-endless"),
    "LF-02": ("dg2-cut-short", "dg2-ends-early", "sod-cut-short"),
    "LF-03": ("quirk-6700", "quirk-6c"),
    "LF-04": ("portrait-beyond-64k",),
    "LF-05": ("limit-231",),
    "LF-06": ("vietnam-2024",),
    "LF-07": ("lost-field",),
    "LF-08": ("card-swapped",),
}
_CONSISTENCY = {
    "LC-01": ("unsigned-data-group", "sod-list-without-dg13"),
    "LC-02": ("com-claims-group",),
    "LC-03": ("com-omits-group",),
    "LC-04": ("dg14-suppressed", "dg15-suppressed"),
    "LC-05": ("vietnam-2021", "icao-eac"),
    "LC-06": ("sod-other-lds-version",),
    "LC-07": ("com-of-later-lds",),
    "LC-08": ("dg1-wrong-tag", "dg1-dg13-exchanged"),
    "LC-09": ("dg13-encoded-otherwise",),
    "LC-10": ("dg14-unordered",),
    "LC-11": ("number-of-another",),
    "LC-12": ("dg13-name-differs", "dg13-birth-differs", "dg13-number-differs"),
    "LC-13": ("mrz-number-digit-wrong", "mrz-birth-digit-wrong", "mrz-expiry-digit-wrong", "mrz-composite-digit-wrong"),
    "LC-14": ("state-differs", "ds-of-another-country"),
    "LC-15": ("expired", "born-in-future"),
}
_PASSIVE = {
    "PA-01": ("dg1-sex-changed", "dg2-changed", "dg13-religion-changed", "dg14-changed", "dg15-changed"),
    "PA-02": ("sod-list-changed", "sod-signature-broken"),
    "PA-03": ("sod-digest-wrong", "sod-digest-missing", "sod-digest-twice", "sod-type-missing", "sod-type-differs"),
    "PA-04": ("sod-attributes-unordered",),
    "PA-05": ("sod-other-hashes",),
    "PA-06": ("sod-md5-signature", "sod-md5-list", "sod-sha1", "sod-sha1-list"),
    "PA-07": (
        "sod-rsa-pss",
        "sod-pss-salt-0",
        "sod-pss-salt-differs",
        "sod-pss-mask-differs",
        "sod-pss-trailer-2",
        "pss-without-parameters",
    ),
    "PA-08": ("ds-parameters-spelt-out", "ds-generator-altered", "altered-generator", "altered-coefficient"),
    "PA-09": ("sod-by-another-key",),
    "PA-10": ("sod-ecdsa-plain",),
    "PA-11b": ("csca-not-held",),
    "PA-12": ("csca-self-made",),
    "PA-13": ("sod-without-certificate",),
    "PA-14": ("sod-two-signers", "sod-second-signer-wrong", "sod-csca-beside", "sod-signer-by-key-id"),
    "PA-15": ("expired-ds",),
    "PA-16": ("ds-not-valid-at-signing", "ds-expired-at-signing", "sod-without-signing-time"),
    "PA-17": ("ds-key-out-of-use",),
    "PA-18": ("csca-expired",),
    "PA-19": (
        "ds-is-authority",
        "ds-signs-certificates",
        "ds-critical-extension",
        "csca-without-basic-constraints",
        "csca-without-key-cert-sign",
        "pathlen-1",
    ),
    "PA-20": ("ds-of-other-document-types",),
    "PA-21": ("ds-signs-master-lists", "ds-signs-deviation-lists"),
    "PA-22": ("link-signature-broken",),
    "PA-23": ("name-change-unsaid", "issuer-name-differs"),
    "PA-24": ("ds-other-authority-key-id",),
    "PA-25": ("same-ski-other-key",),
    "PA-26": ("ds-revoked", "crl-expired", "crl-wrong-issuer", "crl-other-key", "crl-not-yet-valid"),
    "PA-27": ("ml-signature-broken", "ml-signer-unknown", "ml-older"),
    "PA-28": ("ds-serial-zero", "ds-lower-case-country", "negative-serial", "surplus-algorithm-parameters"),
}
_CHIP = {
    "CH-01": ("aa-replayed",),
    "CH-02": ("vietnam-2024", "icao-3des", "icao-p521"),
    "CH-03": ("aa-header-wrong",),
    "CH-04": ("aa-zero", "aa-number-too-large", "quirk-aa-der"),
    "CH-05": ("aa-other-hash-said",),
    "CH-05b": ("quirk-aa-cut", "quirk-aa-empty", "aa-empty"),
    "CH-07": ("clone-without-ca-key",),
    "CH-08": ("vietnam-2021", "vietnam-2024"),
    "CH-09": (
        "quirk-ca-refused",
        *(
            f"ca-refused-{sw}"
            for sw in ("6300", "6400", "6700", "6982", "6985", "6988", "6a80", "6a88", "6d00", "6f00")
        ),
    ),
    "CH-10": ("icao-several",),
    "CH-11": ("quirk-ca-no-info",),
    "CH-12": ("sod-signature-broken", "csca-self-made"),
    "CH-13": ("cam-clone",),
    "CH-14": ("card-security-signature-broken",),
    "CH-15": ("card-security-other-key",),
    "CH-16": ("cam-data-flipped",),
    "CH-17": ("clone-without-ca-key", "clone-without-aa-key"),
    "CH-20": ("icao-eac",),
}
_HOSTILE = {
    "C1": ("dg14-nested-without-end", "dg14-of-many-members", "dg15-nested-without-end", "sod-nested-without-end"),
    "C2": ("dg2-length-huge", "dg2-endless", "dg2-ends-early"),
    "C3": (
        "sod-digest-of-dg1-for-dg13",
        "sod-without-signer",
        "sod-type-wrong",
        "sod-sha1",
        "sod-two-signers",
        "ds-of-another-country",
        "ds-expired-at-signing",
        "ds-revoked",
        "ds-generator-altered",
    ),
    "C4": ("aa-trailer-wrong", "aa-number-too-large", "aa-replayed", "quirk-aa-der"),
    "C5": ("ca-key-off-curve", "clone-without-ca-key"),
    "C6": ("clone-without-ca-key", "clone-without-aa-key", "csca-self-made"),
    "C7": (
        "portrait-huge",
        "portrait-of-many-tiles",
        "portrait-without-pixels",
        "portrait-cut-short",
        "portrait-is-a-page",
        "portrait-with-archive",
    ),
    "C8": ("text-bidi", "text-invisible", "text-control", "text-combining", "text-decomposed", "text-not-utf8"),
    "C9": tuple(f"text-injection-{number}" for number in range(1, 7)),
    "C10": ("number-of-another", "dg13-number-differs", "mrz-composite-digit-wrong"),
    "C11": ("lost-field", "card-swapped"),
    "C12": ("relayed",),
}

CONDITIONS: Mapping[str, tuple[str, ...]] = {
    **_ACCESS,
    **_MESSAGING,
    **_FILES,
    **_CONSISTENCY,
    **_PASSIVE,
    **_CHIP,
    **_HOSTILE,
}
