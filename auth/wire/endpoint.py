"""Where a register is, by what it is known, and who we are towards it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from auth.wire.server_time import ServerTime
from auth.wire.soap_gateway import SoapGateway

# For the annotation only: settings that name an endpoint do not wait for it.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from auth.wire.client_certificate import ClientCertificate
    from auth.wire.revocation import RevocationSource

__all__ = ["AnswerKey", "DeviceCredential", "Opener", "RegisterEndpoint", "SealKey", "Signer"]


class Signer(Protocol):
    """Sign bytes with a key that stays where it is (software, TPM, PKCS#11)."""

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        ...

    @property
    def public_key(self) -> EllipticCurvePublicKey:
        """Return the public key: a DPoP proof carries it (RFC 9449 §4.2)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the ECDSA P-256/SHA-256 signature as r ‖ s, 64 bytes (RFC 9421 §3.3.4)."""
        ...


class Opener(Protocol):
    """Open what was sealed to a P-256 key that stays where it is (software, TPM, PKCS#11)."""

    @property
    def key_id(self) -> str:
        """Return the id under which others know the public key, the ``kid`` of every envelope sealed to it."""
        ...

    @property
    def spki(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo: what others seal to."""
        ...

    def agree(self, point: bytes) -> bytes:
        """Return the shared secret of ECDH with ``point``: the x-coordinate, 32 bytes (RFC 7518 §4.6).

        ``point`` is an uncompressed point of P-256, 65 bytes beginning with 04 (SEC 1 §2.3.3), which was found to be
        on the curve before. A token that is gone or locked raises its own MotCuaError.
        """
        ...


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """Hold a public key with which a register signs its answers: P-256 as DER SubjectPublicKeyInfo."""

    key_id: str
    spki: bytes


@dataclass(frozen=True, slots=True)
class SealKey:
    """Hold a public key to which look-ups for a register are sealed: P-256 as DER SubjectPublicKeyInfo."""

    key_id: str
    spki: bytes


@dataclass(frozen=True, slots=True)
class RegisterEndpoint:
    """Hold what the desk must know of one register before it says a word to it.

    ``register`` is its stable name ("population", "land"); ``tls_anchors`` are the DER certificates under which its
    TLS certificate must chain, and nothing else is trusted. ``gateway`` is set where the way there is a SOAP gateway,
    which signs nothing and has no answer keys; ``base_url`` is then its whole address.

    Any of ``answer_keys`` may have signed an answer. A look-up is sealed to the first of ``seal_keys``; the others are
    tried where the register says that it knows the first no longer, or not yet. Without any it cannot be asked.

    With ``tls_pins``, SHA-256 digests of public keys (DER SubjectPublicKeyInfo), the server's certificate must be for
    one of them as well; two overlap while the server changes its key.

    ``certificate_anchors`` are the DER certificates under which an enrolment service certifies devices, and by which
    their slips are verified.

    ``tls_revocation`` gives the revocation lists of the anchors' authorities; where it gives any, each certificate of
    the chain must be covered by one that is current. ``client_certificate`` is shown to a server that asks for one.
    """

    register: str
    base_url: str
    tls_anchors: tuple[bytes, ...]
    answer_keys: tuple[AnswerKey, ...]
    gateway: SoapGateway | None = None
    seal_keys: tuple[SealKey, ...] = ()
    tls_pins: tuple[bytes, ...] = ()
    certificate_anchors: tuple[bytes, ...] = ()
    tls_revocation: RevocationSource | None = None
    client_certificate: ClientCertificate | None = None


@dataclass(frozen=True, slots=True)
class DeviceCredential:
    """Hold who the desk is: its enrolled id, its signing key, and what opens the answers that are sealed to it.

    Without an opener it may speak of its ledger, but look nothing up. ``former`` are openers of before a rotation: an
    answer that was given then, and lost on the way, is given again as it was sealed.
    ``clock`` is what is known of the registers' time; everything that speaks for this device shares it.
    """

    device_id: str
    signer: Signer
    opener: Opener | None = None
    former: tuple[Opener, ...] = ()
    clock: ServerTime = field(default_factory=ServerTime, compare=False)
