"""Active Authentication: the chip signs a fresh challenge with the key of DG15 (ICAO 9303-11 §6.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reader.crypto import RecoveryFault, Rng, recover, system_rng
from reader.errors import DataError
from reader.iso7816 import SW, CardLink, CommandAPDU
from reader.lds import SecurityInfos
from reader.trust import (
    EcPublicKey,
    PublicKey,
    RsaPublicKey,
    Scheme,
    SignatureAlgorithm,
    UnsupportedKey,
    check_signature,
    parse_spki,
    signature_algorithm_by_oid,
)
from reader.verdict import Note, Verdict

__all__ = ["ActiveKey", "ActiveProof", "ActiveReason", "choose_active_key", "judge_active_proof", "prove_active_key"]

CHALLENGE_BYTES = 8
# Some chips cut a long answer short, some answer nothing to an extended Le: the sizes that are known to help (CH-05b).
LE_LADDER = (256, 65536, 231)


class ActiveReason(StrEnum):
    """Name the ways in which ``genuine.active-authentication`` comes out."""

    VERIFIED = "challenge-signed"
    WRONG = "signature-invalid"
    REFUSED = "refused-by-chip"
    SUPPRESSED = "suppressed"
    KEY_REFUSED = "key-refused"
    ALGORITHM_REFUSED = "algorithm-refused"
    NOT_OFFERED = "not-offered"
    NOT_SUPPORTED = "protocol-not-supported"
    NOT_FINISHED = "not-finished"
    KEY_NOT_PROVEN = "key-not-proven"
    KEY_NOT_READ = "key-not-read"


@dataclass(frozen=True, slots=True)
class ActiveKey:
    """Hold the key of DG15 and, for ECDSA, the hash; ``notes`` say how the hash was found."""

    key: PublicKey
    hash_name: str = ""
    notes: tuple[Note, ...] = ()

    def describe(self) -> dict[str, str]:
        """Return the evidence: kind of key and which."""
        return {"key-type": self.key.name, "key": self.key.fingerprint}


@dataclass(frozen=True, slots=True, repr=False)
class ActiveProof:
    """Hold what the chip signed and its signature: whoever has DG15 can judge it again, without the chip (CH-18).

    Both are fresh on every run, so they are kept beside a report and never in it.
    """

    challenge: bytes
    signature: bytes

    def __repr__(self) -> str:
        """Show nothing: a challenge is a nonce."""
        return "ActiveProof()"


def choose_active_key(spki: bytes, infos: SecurityInfos | None) -> ActiveKey | Verdict:
    """Read the key of DG15 and take the hash for ECDSA from DG14; or say why it cannot be used.

    Without an ActiveAuthenticationInfo the hash follows from the key's size, which is noted. SHA-1 is refused for
    ECDSA (§6.1.2.3); for RSA the signature itself names its hash.
    """
    try:
        key = parse_spki(spki)
    except UnsupportedKey:
        return Verdict.unavailable(ActiveReason.NOT_SUPPORTED)
    except DataError as error:
        return Verdict.failed(ActiveReason.KEY_REFUSED, {"why": str(error)})
    if isinstance(key, RsaPublicKey):
        notes = (Note("short-key"),) if key.is_short else ()
        return ActiveKey(key, notes=notes)
    info = infos.active_authentication if infos else None
    if info is None:
        return ActiveKey(key, _hash_by_size(key), (Note("hash-by-key-size"),))
    algorithm = signature_algorithm_by_oid(info.signature_algorithm_oid)
    if algorithm.scheme not in (Scheme.ECDSA_PLAIN, Scheme.ECDSA):
        return Verdict.unavailable(ActiveReason.NOT_SUPPORTED, {"algorithm": info.signature_algorithm_oid})
    if algorithm.hash_name == "sha1":
        return Verdict.failed(ActiveReason.ALGORITHM_REFUSED, {"algorithm": algorithm.name})
    return ActiveKey(key, algorithm.hash_name)


def _hash_by_size(key: EcPublicKey) -> str:
    bits = key.curve.n.bit_length()
    return next((f"sha{size}" for size in (224, 256, 384) if bits <= size), "sha512")


def prove_active_key(
    link: CardLink, active: ActiveKey, rng: Rng = system_rng, keep: Callable[[ActiveProof], None] | None = None
) -> Verdict:
    """Challenge the chip and judge its answer; raise what the link raises.

    ``keep`` is handed the answer that was judged, with its challenge.

    The challenge is eight fresh bytes for every command. An answer of the wrong length is asked for again with another
    Le, as long as there is one to try; only then it counts as wrong.
    """
    sw = 0
    for ne in LE_LADDER:
        challenge = rng(CHALLENGE_BYTES)
        response = link.transmit(CommandAPDU(0x00, 0x88, 0x00, 0x00, challenge, ne))
        sw = response.sw
        if sw == SW.OK and _has_full_length(active.key, response.data):
            proof = ActiveProof(challenge, response.data)
            if keep is not None:
                keep(proof)
            return judge_active_proof(active, proof)
        if sw not in (SW.OK, SW.WRONG_LENGTH) and response.sw1 != 0x6C:
            break
    evidence = active.describe() | {"status": f"{sw:04X}"}
    return Verdict.failed(ActiveReason.WRONG if sw == SW.OK else ActiveReason.REFUSED, evidence)


def _has_full_length(key: PublicKey, signature: bytes) -> bool:
    if isinstance(key, RsaPublicKey):
        return len(signature) == (key.modulus.bit_length() + 7) // 8
    return bool(signature)


def judge_active_proof(active: ActiveKey, proof: ActiveProof) -> Verdict:
    """Judge a chip's signature over a challenge, be it just now or long afterwards."""
    if isinstance(active.key, RsaPublicKey):
        return _judge_rsa(active, active.key, proof.challenge, proof.signature)
    return _judge_ecdsa(active, active.key, proof.challenge, proof.signature)


def _judge_rsa(active: ActiveKey, key: RsaPublicKey, challenge: bytes, signature: bytes) -> Verdict:
    recovery = recover(key.modulus, key.exponent, signature, challenge)
    evidence = active.describe() | {"algorithm": f"iso9796-2-{recovery.hash_name or 'unknown'}"}
    if recovery.fault is RecoveryFault.KEY:
        return Verdict.failed(ActiveReason.KEY_REFUSED, evidence)
    if recovery.fault is not None:
        return Verdict.failed(ActiveReason.WRONG, evidence | {"fault": recovery.fault.value})
    notes = [*active.notes, *([Note("sha1-signature")] if recovery.hash_name == "sha1" else [])]
    return Verdict.passed(ActiveReason.VERIFIED, evidence, *notes)


def _judge_ecdsa(active: ActiveKey, key: EcPublicKey, challenge: bytes, signature: bytes) -> Verdict:
    """Verify r ‖ s; a DER signature is taken as well and noted, since some chips send that (§6.1.2.3, CH-04)."""
    plain = len(signature) == 2 * key.curve.order_length
    scheme = Scheme.ECDSA_PLAIN if plain else Scheme.ECDSA
    fault = check_signature(key, SignatureAlgorithm("", scheme, active.hash_name), challenge, signature)
    if plain and fault is not None and signature[:1] == b"\x30":
        # A DER signature may happen to have the length of a plain one.
        plain = False
        fault = check_signature(key, SignatureAlgorithm("", Scheme.ECDSA, active.hash_name), challenge, signature)
    evidence = active.describe() | {"algorithm": f"ecdsa-{active.hash_name}"}
    if fault is not None:
        return Verdict.failed(ActiveReason.WRONG, evidence)
    notes = [*active.notes, *([] if plain else [Note("der-signature")])]
    return Verdict.passed(ActiveReason.VERIFIED, evidence, *notes)
