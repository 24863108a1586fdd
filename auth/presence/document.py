"""The document whose chip is to prove itself: signed by the issuer, and with it the chip's keys.

This comes before any challenge. A chip that proves a key which no issuer signed proves nothing: a clone with keys and
an EF.SOD of its own would pass. The files are judged as the bytes they were read as.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from auth.presence.claims import ChipProtocol
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Mode, Reason
from auth.presence.relay import chip_key_of
from reader.errors import DataError
from reader.genuine import (
    ActiveKey,
    ActiveProof,
    ChipKey,
    SecurityObject,
    choose_active_key,
    digests_match,
    judge_active_proof,
    judge_security_object,
)
from reader.lds import SecurityInfos, parse_dg14, parse_dg15
from reader.trust import RsaPublicKey, TrustMaterial, hash_by_oid
from reader.verdict import CheckStatus, Verdict

__all__ = ["Document", "DocumentFiles", "judge_document"]

_MIN_EC_BITS_FOR_SHA256 = 256
_HEADER = 0x6A
_NOTES = {
    "sha1-signature": Reason.SHA1_SIGNATURE,
    "short-key": Reason.SHORT_KEY,
    "der-signature": Reason.DER_SIGNATURE,
    "hash-by-key-size": Reason.HASH_BY_KEY_SIZE,
}


@dataclass(frozen=True, slots=True, repr=False)
class DocumentFiles:
    """Hold EF.SOD, DG14 and DG15 as read; empty bytes for a file that the card does not have."""

    sod: bytes
    dg14: bytes = b""
    dg15: bytes = b""

    def __repr__(self) -> str:
        """Show lengths only."""
        return f"DocumentFiles({len(self.sod)}, {len(self.dg14)}, {len(self.dg15)} bytes)"

    def key_file(self, mode: Mode) -> bytes:
        """Return the file whose key proves the chip in ``mode``."""
        return self.dg14 if mode is Mode.CHIP else self.dg15


@dataclass(frozen=True, slots=True)
class Document:
    """Hold a document that the issuer vouches for; ``reasons`` are what is to be said with it."""

    files: DocumentFiles
    security: SecurityObject
    infos: SecurityInfos | None
    reasons: tuple[Reason, ...]

    def chip_key(self, protocol: ChipProtocol | None = None) -> ChipKey | None:
        """Return the key for Chip Authentication, None where DG14 offers none that is used here.

        ``protocol`` says which one the chip takes where DG14 does not. Raise PresenceRefused for a key that
        cannot be one: a point off its curve, an element outside its subgroup.
        """
        if self.infos is None:
            return None
        chosen = chip_key_of(self.infos, protocol)
        if isinstance(chosen, ChipKey):
            return chosen
        if chosen.status is CheckStatus.FAILED:
            raise PresenceRefused(Reason.KEY_REFUSED)
        return None

    @property
    def active_key(self) -> ActiveKey | None:
        """Return the key for Active Authentication, None where there is no DG15.

        The hash for ECDSA is the one that DG14 names; where it names none it is SHA-256, and for a curve of fewer than
        256 bits nothing (ICAO 9303-11 §6.1.2.3). Raise PresenceRefused for a key that cannot be used.
        """
        if not self.files.dg15:
            return None
        try:
            chosen = choose_active_key(parse_dg15(self.files.dg15).spki, self.infos)
        except DataError:
            raise PresenceRefused(Reason.KEY_REFUSED) from None
        if isinstance(chosen, Verdict):
            raise PresenceRefused(Reason.KEY_REFUSED)
        if isinstance(chosen.key, RsaPublicKey) or not chosen.notes:
            return chosen
        if chosen.key.curve.n.bit_length() < _MIN_EC_BITS_FOR_SHA256:
            raise PresenceRefused(Reason.KEY_REFUSED)
        return ActiveKey(chosen.key, "sha256", chosen.notes)

    def judge_signatures(self, challenges: tuple[bytes, ...], signatures: tuple[bytes, ...]) -> tuple[Reason, ...]:
        """Return what is to be said of signatures that all verify; raise PresenceRefused where one does not."""
        active = self.active_key
        if active is None:
            raise PresenceRefused(Reason.NO_CHIP_KEY)
        if len(signatures) != len(challenges):
            raise PresenceRefused(Reason.COUNT_DIFFERS)
        if len(set(signatures)) != len(signatures):
            raise PresenceRefused(Reason.SIGNATURE_REPEATED)
        said: list[Reason] = []
        for challenge, signature in zip(challenges, signatures, strict=True):
            verdict = judge_active_proof(active, ActiveProof(challenge, signature))
            if verdict.status is not CheckStatus.PASSED or not _is_filled(active, signature):
                raise PresenceRefused(Reason.SIGNATURE_WRONG)
            said += [_NOTES[note.code] for note in verdict.notes if note.code in _NOTES]
        return tuple(dict.fromkeys(said))


def _is_filled(active: ActiveKey, signature: bytes) -> bool:
    """Tell whether an RSA signature has M1 in full length, header 6A: a padded one leaves room to forge for small e."""
    if not isinstance(active.key, RsaPublicKey):
        return True
    modulus = active.key.modulus
    representative = pow(int.from_bytes(signature, "big"), active.key.exponent, modulus)
    if representative % 16 != 0xC:
        representative = modulus - representative
    return representative >> (modulus.bit_length() - 8) == _HEADER


def judge_document(
    files: DocumentFiles, trust: TrustMaterial, moment: datetime, countries: Collection[str]
) -> Document:
    """Judge a document as of ``moment``; raise PresenceRefused for the first thing that is wrong.

    Every group that EF.SOD lists of DG14 and DG15 must be there: who could hold DG14 back could have the chip sign
    where it should agree. ``countries`` are those whose cards this register knows, in upper case; signer and
    authority must both be of the same one.
    """
    security = judge_security_object(files.sod)
    if not security.proven or security.listed is None or security.signer is None:
        raise PresenceRefused(Reason.DOCUMENT_REFUSED)
    said_countries = {name.country.upper() for name in (security.signer.subject, security.signer.issuer)}
    if len(said_countries) != 1 or not said_countries <= set(countries):
        raise PresenceRefused(Reason.FOREIGN_DOCUMENT)
    signer = security.judge_signer(trust, moment)
    if signer.revocation.status is CheckStatus.FAILED:
        raise PresenceRefused(Reason.DOCUMENT_REVOKED)
    if signer.chain.status is not CheckStatus.PASSED:
        raise PresenceRefused(Reason.DOCUMENT_UNTRUSTED)
    for number, data in ((14, files.dg14), (15, files.dg15)):
        if bool(data) != (security.listed.digest_of(number) is not None):
            raise PresenceRefused(Reason.GROUP_WITHHELD if not data else Reason.GROUP_DIFFERS)
        if data and not digests_match(security.listed, number, data):
            raise PresenceRefused(Reason.GROUP_DIFFERS)
    said: list[Reason] = []
    if hash_by_oid(security.listed.digest_oid) == "sha1":
        said.append(Reason.SHA1_DIGESTS)
    if signer.revocation.status is not CheckStatus.PASSED:
        said.append(Reason.REVOCATION_UNKNOWN)
    return Document(files, security, _infos(files.dg14), tuple(said))


def _infos(dg14: bytes) -> SecurityInfos | None:
    if not dg14:
        return None
    try:
        return parse_dg14(dg14)
    except DataError:
        raise PresenceRefused(Reason.DOCUMENT_REFUSED) from None
