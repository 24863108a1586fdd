"""A defect of a certificate: one change by name, and the rule that it breaks.

Each spoils one file of the PKI that ``pki`` makes. A verifier must face them all; not all of them make a document
false, and ``rule`` says which clause is broken, not what a verdict must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_cards.issuing import alterations as alter
from mock_cards.issuing.certificates import KeyAlgorithm

__all__ = ["CertificateDefect"]


@dataclass(frozen=True, slots=True)
class CertificateDefect:
    """Name a defect of a certificate: the file it spoils, what is done, and the clause it breaks.

    ``change`` is made to the template, ``spoil`` to the signed bytes. ``algorithm`` is the kind of key that the CSCA
    must have for it. ``second`` makes another CSCA, which then signs the Document Signer; ``second_is_anchor`` says
    whether a verifier is to hold it.
    """

    name: str
    file: str
    about: str
    rule: str
    change: alter.AlterCertificate | None = None
    spoil: Callable[[bytes], bytes] | None = None
    algorithm: KeyAlgorithm | None = None
    second: alter.MakeSecond | None = None
    second_is_anchor: bool = False
