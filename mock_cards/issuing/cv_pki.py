"""The terminals' PKI in memory: CVCA, its successor, Document Verifier and Inspection System, or with a defect.

Terminal Authentication walks it from the chip's trust point: CVCA, where its key has changed the link, DV, IS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from mock_cards.issuing import alterations as alter
from mock_cards.issuing.card_verifiable import CvAlgorithm, CvHolder, CvTemplate, Rights, Role, cv_public_key
from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.signatures import Key
from mock_cards.keys import seeded_rng
from reader.crypto import Rng, system_rng

__all__ = ["CV_DEFECTS", "CvDefect", "CvPki", "CvPkiOrder", "make_cv_pki"]

_DAY = timedelta(days=1)
CV_ALGORITHM = KeyAlgorithm("brainpoolP256r1", "sha256")
AlterCv = Callable[[CvTemplate, date], CvTemplate]


@dataclass(frozen=True, slots=True)
class CvDefect:
    """Name a defect of a card verifiable certificate: ``change`` the body, or ``spoil`` the signed bytes."""

    name: str
    file: str
    about: str
    rule: str
    change: AlterCv | None = None
    spoil: Callable[[bytes], bytes] | None = None


def _dated(begin: int, end: int) -> AlterCv:
    return lambda template, at: replace(template, effective=at + begin * _DAY, expiry=at + end * _DAY)


CV_DEFECTS: tuple[CvDefect, ...] = (
    CvDefect(
        "is-expired",
        "is.cvcert",
        "the inspection system's certificate ended yesterday",
        "TR-03110-3 §2.5",
        _dated(-30, -1),
    ),
    CvDefect(
        "is-not-yet-valid",
        "is.cvcert",
        "the inspection system's certificate begins next week",
        "TR-03110-3 §2.5",
        _dated(7, 30),
    ),
    CvDefect(
        "dv-expired",
        "dv.cvcert",
        "the document verifier's certificate ended yesterday",
        "TR-03110-3 §2.5",
        _dated(-90, -1),
    ),
    CvDefect(
        "cvca-expired", "cvca.cvcert", "the CVCA's certificate ended yesterday", "TR-03110-3 §2.5", _dated(-900, -1)
    ),
    CvDefect(
        "is-signature-broken",
        "is.cvcert",
        "one bit of the signature is another",
        "TR-03110-3 §2.5",
        spoil=alter.last_bit,
    ),
    CvDefect(
        "dv-signature-broken",
        "dv.cvcert",
        "one bit of the signature is another",
        "TR-03110-3 §2.5",
        spoil=alter.last_bit,
    ),
    CvDefect(
        "cvca-link-signature-broken",
        "cvca-link.cvcert",
        "one bit of the link's signature is another",
        "TR-03110-3 §2.5",
        spoil=alter.last_bit,
    ),
    CvDefect(
        "is-wrong-authority",
        "is.cvcert",
        "the certificate names another authority than the DV",
        "TR-03110-3 §C.1.1",
        lambda template, _at: replace(template, authority="VNTESTDVA00009"),
    ),
    CvDefect(
        "is-with-dv-role",
        "is.cvcert",
        "the inspection system calls itself a document verifier",
        "TR-03110-3 §C.4",
        lambda template, _at: template.with_role(Role.DV_DOMESTIC),
    ),
    CvDefect(
        "dv-with-terminal-role",
        "dv.cvcert",
        "the document verifier is only a terminal",
        "TR-03110-3 §2.5",
        lambda template, _at: template.with_role(Role.TERMINAL),
    ),
    CvDefect(
        "dv-without-rights",
        "dv.cvcert",
        "the document verifier may read nothing, so neither may the terminal",
        "TR-03110-3 §2.7: effective rights",
        lambda template, _at: replace(template, authorisation=Role.DV_DOMESTIC),
    ),
    CvDefect(
        "is-without-rights",
        "is.cvcert",
        "the inspection system may read nothing that is locked",
        "TR-03110-3 §2.7: effective rights",
        lambda template, _at: replace(template, authorisation=Role.TERMINAL),
    ),
    CvDefect(
        "is-of-another-type",
        "is.cvcert",
        "the terminal is of the type for signatures",
        "TR-03110-3 §C.4",
        lambda template, _at: replace(template, terminal_type="0.4.0.127.0.7.3.1.2.3"),
    ),
    CvDefect(
        "is-profile-1",
        "is.cvcert",
        "certificate profile identifier 1",
        "TR-03110-3 §C.1.2: 0",
        lambda template, _at: replace(template, profile=1),
    ),
    CvDefect(
        "is-dates-in-other-order",
        "is.cvcert",
        "the expiry stands before the effective date",
        "TR-03110-3 §C.1: order",
        lambda template, _at: replace(template, reversed_dates=True),
    ),
    CvDefect(
        "is-trailing-byte", "is.cvcert", "a byte follows the certificate", "TR-03110-3 §D.2", spoil=alter.trailing_byte
    ),
)
"""Every defect of a card verifiable certificate."""


@dataclass(frozen=True, slots=True)
class CvPkiOrder:
    """Say what is wanted: without a ``seed`` fresh keys, without ``at`` for today; ``key`` is every holder's kind."""

    seed: str | None = None
    at: date | None = None
    key: KeyAlgorithm = CV_ALGORITHM
    rights: int = Rights.ALL
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class CvPki:
    """Hold every holder by the name of its file; ``defects`` by the same name."""

    at: date
    holders: dict[str, CvHolder] = field(default_factory=dict)
    defects: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> bytes:
        """Return the certificate ``name``; raise KeyError where there is none."""
        return self.holders[name].certificate

    @property
    def terminal(self) -> CvHolder:
        """Return the inspection system, whose key signs the chip's challenge."""
        return self.holders["is.cvcert"]

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return what a terminal sends to a chip that trusts the first CVCA: DV, IS."""
        return self["dv.cvcert"], self["is.cvcert"]

    @property
    def new_chain(self) -> tuple[bytes, ...]:
        """Return the same after the CVCA's key has changed: link, DV under the new key, IS."""
        return self["cvca-link.cvcert"], self["dv-new.cvcert"], self["is-new.cvcert"]


def make_cv_pki(order: CvPkiOrder | None = None) -> CvPki:
    """Make the PKI; raise KeyError for an unknown defect, ValueError for a key that cannot sign here."""
    return _Maker(order or CvPkiOrder()).make()


class _Maker:
    """Make one PKI, certificate by certificate."""

    def __init__(self, order: CvPkiOrder) -> None:
        known = {defect.name: defect for defect in CV_DEFECTS}
        self._defects = [known[name] for name in dict.fromkeys(order.defects)]
        self._order = order
        self._algorithm = CvAlgorithm.of(order.key.scheme.name, order.key.scheme.hash_name)
        self._rng: Rng = system_rng if order.seed is None else seeded_rng(f"cv-pki/{order.seed}")
        self._at = order.at or datetime.now(UTC).date()
        self._pki = CvPki(self._at)

    def make(self) -> CvPki:
        root_rights, rights = Role.CVCA | Rights.ALL, self._order.rights
        root = self._holder("cvca.cvcert", "VNTESTCVCA00001", root_rights, (-365, 1095), None)
        key = self._order.key.new_key(self._rng)
        self._holder("cvca-link.cvcert", "VNTESTCVCA00002", root_rights, (-30, 1065), root, key)
        new = self._holder("cvca-new.cvcert", "VNTESTCVCA00002", root_rights, (-30, 1065), None, key)
        for suffix, above, number in (("", root, 1), ("-new", new, 2)):
            verifier = self._holder(
                f"dv{suffix}.cvcert", f"VNTESTDV0000{number}", Role.DV_DOMESTIC | rights, (-30, 90), above
            )
            self._holder(f"is{suffix}.cvcert", f"VNTESTIS0000{number}", Role.TERMINAL | rights, (-1, 30), verifier)
        return self._pki

    def _holder(
        self,
        file: str,
        reference: str,
        authorisation: int,
        days: tuple[int, int],
        above: CvHolder | None,
        key: Key | None = None,
    ) -> CvHolder:
        """Make a key, unless one is handed in, and its certificate under ``above``; without one it signs itself."""
        own = key or self._order.key.new_key(self._rng)
        template = CvTemplate(
            above.reference if above else reference,
            cv_public_key(own, self._algorithm, with_parameters=authorisation >= Role.CVCA),
            reference,
            authorisation,
            self._at + days[0] * _DAY,
            self._at + days[1] * _DAY,
        )
        chosen = [defect for defect in self._defects if defect.file == file]
        for defect in chosen:
            template = defect.change(template, self._at) if defect.change else template
        certificate = template.issue(above.key if above else own, self._algorithm)
        for defect in chosen:
            certificate = defect.spoil(certificate) if defect.spoil else certificate
        holder = CvHolder(certificate, own, self._algorithm, reference)
        self._pki.holders[file] = holder
        self._pki.defects[file] = tuple(defect.name for defect in chosen)
        return holder
