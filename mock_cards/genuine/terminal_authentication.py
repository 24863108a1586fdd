"""Terminal Authentication version 1 as the chip does it: certificates, trust points, the date (ICAO 9303-11 §7.1)."""

from __future__ import annotations

from copy import copy
from datetime import date

from mock_cards.access.templates import control_objects
from mock_cards.coprocessor import Coprocessor
from mock_cards.cv_certificate import CvCertificate, Role, TrustPoint, parse_cv_certificate
from mock_cards.image import Right
from mock_cards.refusal import Refused
from reader.errors import DataError
from reader.iso7816 import SW, encode

__all__ = ["TerminalAuthentication", "TrustStore"]

_VALIDATION = "ICAO 9303-11 §7.1.4.3.4"
_VERIFY = "ICAO 9303-11 §7.1.5.2"
_SET_DST = "ICAO 9303-11 §7.1.5.1"
_SET_AT = "ICAO 9303-11 §7.1.5.3"
_EXTERNAL = "ICAO 9303-11 §7.1.5.5"
_MOST_TRUST_POINTS = 2
_CVCA_FILE_BYTES = 36
_RIGHTS = 0x03


class TrustStore:
    """Hold trust points and the current date of one card; lives as long as the card (§7.1.4.3.2, §7.1.4.3.3)."""

    def __init__(self, trust_points: tuple[TrustPoint, ...], today: date) -> None:
        self._points = sorted(trust_points, key=lambda point: point.effective, reverse=True)[:_MOST_TRUST_POINTS]
        self.today = today

    @property
    def references(self) -> tuple[bytes, ...]:
        """Return the references of the trust points, the most recent first."""
        return tuple(point.reference for point in self._points)

    def find(self, reference: bytes) -> TrustPoint | None:
        """Return a trust point by its reference."""
        return next((point for point in self._points if point.reference == reference), None)

    def add(self, point: TrustPoint) -> None:
        """Enable a trust point; of more than two the least recent goes (§7.1.4.3.4, step 3)."""
        self._points = sorted([point, *self._points], key=lambda one: one.effective, reverse=True)[:_MOST_TRUST_POINTS]

    def advance(self, effective: date) -> None:
        """Take the effective date of an accurate certificate for the current date, never backwards."""
        self.today = max(self.today, effective)

    def file(self) -> bytes:
        """Return EF.CVCA: one or two references, padded to 36 bytes (table K-2)."""
        return b"".join(encode(0x42, one) for one in self.references).ljust(_CVCA_FILE_BYTES, b"\x00")


class TerminalAuthentication:
    """Go through Terminal Authentication within one session; what it imports is gone with the session."""

    def __init__(self, store: TrustStore, coprocessor: Coprocessor) -> None:
        self._store = store
        self._coprocessor = coprocessor
        self._imported: dict[bytes, TrustPoint] = {}
        self._verifier: TrustPoint | None = None
        self._terminal: TrustPoint | None = None
        self._done = False
        self.rights = Right.NONE

    def set_verifier(self, data: bytes) -> None:
        """Take MSE:Set DST (81B6): object 83 names the key that verifies the next certificate."""
        reference = _reference(data, _SET_DST)
        self._verifier = self._imported.get(reference) or self._store.find(reference)
        if self._verifier is None:
            raise Refused(SW.REFERENCE_NOT_FOUND, _SET_DST, "no such public key")

    def verify_certificate(self, data: bytes) -> None:
        """Take PSO:Verify Certificate: verify by the chosen key, import, move date and trust points on."""
        verifier = self._verifier
        if verifier is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _VERIFY, "MSE:Set DST did not choose a key")
        try:
            certificate = parse_cv_certificate(data)
            point = certificate.trust_point(verifier.key)
        except DataError as error:
            raise Refused(SW.WRONG_DATA, "ICAO 9303-12 §7.2.2", error.what) from None
        self._check(certificate, verifier)
        self._import(point, verifier)
        self._verifier = None

    def _check(self, certificate: CvCertificate, verifier: TrustPoint) -> None:
        if certificate.issuer != verifier.reference:
            raise Refused(SW.WRONG_DATA, "ICAO 9303-12 §7.2.2.2", "the certificate names another issuer")
        if not verifier.key.verifies(certificate.signed, certificate.signature, self._coprocessor):
            raise Refused(SW.WARNING, _VALIDATION, "the signature of the certificate is wrong")
        if not _may_issue(verifier.role, certificate.role):
            raise Refused(
                SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §7.1.4.3.6", "that issuer cannot name such a holder"
            )
        if certificate.role is Role.CVCA:
            return
        if certificate.expires < self._store.today:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _VALIDATION, "the certificate is expired")
        if verifier.role is Role.CVCA and verifier.expires < self._store.today:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _VALIDATION, "the trust point is expired")

    def _import(self, point: TrustPoint, verifier: TrustPoint) -> None:
        if point.role is Role.CVCA:
            if self._store.find(point.reference) is not None:
                raise Refused(
                    SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §7.1.4.3.7", "this trust point is known already"
                )
            self._store.add(point)
        else:
            if self._store.find(point.reference) is not None:
                raise Refused(
                    SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §7.1.4.3.7", "a trust point has this reference"
                )
            granted = TrustPoint(
                point.reference, point.key, point.role, point.rights & verifier.rights, point.effective, point.expires
            )
            self._imported[point.reference] = granted
        if point.role is not Role.TERMINAL or verifier.role is Role.DOMESTIC_VERIFIER:
            self._store.advance(point.effective)

    def set_terminal(self, data: bytes) -> None:
        """Take MSE:Set AT (81A4): object 83 names the terminal's key, imported just before."""
        self._terminal = None
        found = self._imported.get(_reference(data, _SET_AT))
        if found is None or found.role is not Role.TERMINAL:
            raise Refused(SW.REFERENCE_NOT_FOUND, _SET_AT, "no such terminal's key")
        self._terminal = found

    @property
    def may_challenge(self) -> bool:
        """Tell whether a terminal's key was chosen, so that GET CHALLENGE begins step 3."""
        return self._terminal is not None and not self._done

    def authenticate(self, signature: bytes, chip_id: bytes, challenge: bytes, terminal_key: bytes) -> None:
        """Take EXTERNAL AUTHENTICATE: the signature over ID_IC ‖ r_IC ‖ Comp(PK_DH,IFD), and grant the rights."""
        if self._done:
            raise Refused(SW.SECURITY_STATUS, _EXTERNAL, "Terminal Authentication was performed in this session")
        terminal = self._terminal
        if terminal is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _EXTERNAL, "MSE:Set AT did not choose a terminal")
        if not terminal.key.verifies(chip_id + challenge + terminal_key, signature, self._coprocessor):
            raise Refused(SW.WARNING, _EXTERNAL, "the terminal's signature is wrong")
        self._done = True
        self.rights = Right(terminal.rights & _RIGHTS)

    def unbound(self) -> TerminalAuthentication:
        """Return the same without rights: they belong to the ephemeral key that other session keys replace (§7.1.3)."""
        other = copy(self)
        other.rights = Right.NONE
        return other


def _may_issue(issuer: Role, holder: Role) -> bool:
    """Tell whether such an issuer names such a holder: CVCA names CVCA and DV, DV names terminals (§7.1.4.3.6)."""
    if issuer is Role.CVCA:
        return holder is not Role.TERMINAL
    return issuer is not Role.TERMINAL and holder is Role.TERMINAL


def _reference(data: bytes, clause: str) -> bytes:
    objects = control_objects(data, clause)
    if 0x83 not in objects:
        raise Refused(SW.WRONG_DATA, clause, "object 83 is required")
    return objects[0x83]
