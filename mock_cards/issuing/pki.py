"""A whole PKI of the test country in memory, sound or with chosen defects.

``make_pki`` makes the CSCA, its successors, Document Signer, revocation list and lists, each under the file name that
``mock-cards pki`` writes. The same seed and moment give the same bytes. Certificates for terminals are in ``cv_pki``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mock_cards import der
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificate_defect import CertificateDefect
from mock_cards.issuing.certificates import (
    CSCA_ALGORITHM,
    CSCA_NAME,
    SIGNER_ALGORITHM,
    CertificateTemplate,
    CountrySigner,
    KeyAlgorithm,
    Validity,
    country_template,
    distinguished_name,
    key_id_of,
    link_template,
    new_serial,
    signer_template,
)
from mock_cards.issuing.country_defects import COUNTRY_DEFECTS
from mock_cards.issuing.list_defects import CRL_DEFECTS, LIST_DEFECTS, CrlDefect, ListDefect
from mock_cards.issuing.lists import (
    DEVIATION_LIST,
    DEVIATION_LIST_SIGNER_USE,
    MASTER_LIST,
    MASTER_LIST_SIGNER_USE,
    Deviation,
    make_deviation_list,
    make_master_list,
)
from mock_cards.issuing.revocation import crl_template
from mock_cards.issuing.signatures import Key
from mock_cards.issuing.signed_data import (
    SignedDataTemplate,
    SignerTemplate,
    signed_attributes,
    subject_key_identifier,
)
from mock_cards.issuing.signer_defects import SIGNER_DEFECTS
from mock_cards.keys import seeded_rng
from reader.crypto import Rng, system_rng

__all__ = ["Pki", "PkiFile", "PkiOrder", "make_pki", "pki_defects"]

_DAY = timedelta(days=1)
Defect = CertificateDefect | CrlDefect | ListDefect


@dataclass(frozen=True, slots=True)
class PkiOrder:
    """Say what is wanted: without a ``seed`` fresh keys, without ``at`` for today.

    ``defects`` are names of ``pki_defects``; ``explicit_parameters`` bears on the CSCAs, as ICAO 9303-12 wants them.
    """

    seed: str | None = None
    at: datetime | None = None
    csca: KeyAlgorithm = CSCA_ALGORITHM
    signer: KeyAlgorithm = SIGNER_ALGORITHM
    explicit_parameters: bool = True
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class PkiFile:
    """Hold one file: what it is, whether a verifier is to trust it, the private key behind it, its defects."""

    name: str
    kind: str
    about: str
    content: bytes
    is_anchor: bool = False
    key: Key | None = None
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Pki:
    """Hold every file by name, in the order in which they were made."""

    at: datetime
    files: dict[str, PkiFile] = field(default_factory=dict)

    def __getitem__(self, name: str) -> bytes:
        """Return the content of the file ``name``; raise KeyError where there is none."""
        return self.files[name].content

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Return the certificates that a verifier is to trust, DER."""
        return tuple(file.content for file in self.files.values() if file.is_anchor)


def pki_defects() -> tuple[Defect, ...]:
    """Return every defect that ``make_pki`` knows."""
    return (*COUNTRY_DEFECTS, *SIGNER_DEFECTS, *CRL_DEFECTS, *LIST_DEFECTS)


def make_pki(order: PkiOrder | None = None) -> Pki:
    """Make the PKI; raise KeyError for an unknown defect, named, ValueError for two that exclude each other."""
    return _Maker(order or PkiOrder()).make()


class _Maker:
    """Make one PKI, certificate by certificate."""

    def __init__(self, order: PkiOrder) -> None:
        known = {defect.name: defect for defect in pki_defects()}
        chosen = [known[name] for name in dict.fromkeys(order.defects)]
        self._certificate_defects = [one for one in chosen if isinstance(one, CertificateDefect)]
        self._crl_defects = [one for one in chosen if isinstance(one, CrlDefect)]
        self._list_defects = [one for one in chosen if isinstance(one, ListDefect)]
        self._csca = self._algorithm(order.csca)
        self._order = order
        self._rng: Rng = system_rng if order.seed is None else seeded_rng(f"pki/{order.seed}")
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._at = (order.at or today).astimezone(UTC).replace(microsecond=0)
        self._pki = Pki(self._at)

    def make(self) -> Pki:
        country = self._country("csca.cer", distinguished_name("VN", CSCA_NAME), -730, "the Country Signing CA")
        self._successors(country)
        signing = self._second(country) or country
        serial, signer_id = self._document_signer(signing)
        self._crl(signing, serial)
        self._lists(country, signer_id)
        return self._pki

    def _algorithm(self, wanted: KeyAlgorithm) -> KeyAlgorithm:
        """Return the CSCA's kind of key: what was wanted unless a defect needs another."""
        needed = {one.algorithm for one in self._certificate_defects if one.algorithm}
        if len(needed) > 1:
            raise ValueError("these defects need the CSCA to have two kinds of key")
        return needed.pop() if needed else wanted

    def _validity(self, begin: int, years: int, key_days: int) -> Validity:
        return Validity.of_years((self._at + begin * _DAY).date(), years, key_days)

    def _country(self, file: str, name: bytes, begin: int, about: str) -> CountrySigner:
        """Make a self-signed CSCA that began ``begin`` days from the moment."""
        key = self._csca.new_key(self._rng)
        template = country_template(
            key,
            name,
            self._validity(begin, 15, 5 * 365),
            new_serial(self._rng),
            self._csca.scheme,
            explicit_parameters=self._order.explicit_parameters,
        )
        certificate, altered = self._issue(file, template, key)
        self._put(file, "csca", about, certificate, is_anchor=True, key=key)
        return CountrySigner(key, certificate, key_id_of(key), altered.subject, self._csca.scheme)

    def _successors(self, country: CountrySigner) -> None:
        """Make a new key under the old name and one under a new name, each with its link from the old key (§7.1.2)."""
        renamed = distinguished_name("VN", "TEST CSCA Mot Cua, renamed")
        for file, link_file, name, begin, words in (
            ("csca-new.cer", "csca-link.cer", country.name, -30, "the CSCA's new key"),
            ("csca-renamed.cer", "csca-name-change.cer", renamed, -10, "the CSCA under a new name, with a new key"),
        ):
            new = self._country(file, name, begin, words)
            template = country_template(
                new.key,
                name,
                self._validity(begin, 15, 5 * 365),
                new_serial(self._rng),
                self._csca.scheme,
                explicit_parameters=self._order.explicit_parameters,
            )
            certificate, _ = self._issue(link_file, link_template(template, country), country.key)
            self._put(link_file, "link", f"{words}, vouched for by the old key", certificate)

    def _second(self, country: CountrySigner) -> CountrySigner | None:
        """Make the other CSCA that a defect wants to sign the Document Signer."""
        wanted = [one for one in self._certificate_defects if one.second]
        if len(wanted) > 1:
            raise ValueError("these defects need two other CSCAs to sign the Document Signer")
        for defect in wanted:
            if defect.second is not None:
                second = defect.second(country, self._validity(-730, 15, 5 * 365), self._rng)
                anchor = defect.second_is_anchor
                self._put(
                    defect.file, "csca", "the CSCA that signs", second.certificate, is_anchor=anchor, key=second.key
                )
                return second
        return None

    def _document_signer(self, country: CountrySigner) -> tuple[int, bytes]:
        """Make the Document Signer; return its serial number and key identifier."""
        key = self._order.signer.new_key(self._rng)
        template = signer_template(key, country, self._validity(-365, 12, 92), new_serial(self._rng))
        certificate, altered = self._issue("ds.cer", template, country.key)
        self._put("ds.cer", "document-signer", "the Document Signer", certificate, key=key)
        return altered.serial, key_id_of(key)

    def _crl(self, country: CountrySigner, serial: int) -> None:
        template = crl_template(country, self._at - _DAY, 7)
        key, spoils = country.key, []
        for defect in self._crl_defects:
            template = defect.change(template, self._at, serial) if defect.change else template
            key = self._same_kind(country, key) if defect.other_key else key
            spoils += [defect.spoil] if defect.spoil else []
        content = template.issue(key)
        for spoil in spoils:
            content = spoil(content)
        self._put("csca.crl", "crl", "the revocation list", content)

    def _same_kind(self, country: CountrySigner, key: Key) -> Key:
        """Return another key that signs by the same scheme."""
        other = self._csca.new_key(self._rng)
        if type(other) is not type(key):
            raise ValueError(f"crl-other-key cannot be had with a CSCA that signs by {country.scheme.name}")
        return other

    def _lists(self, country: CountrySigner, signer_id: bytes) -> None:
        cscas = [file.content for file in self._pki.files.values() if file.kind in ("csca", "link")]
        contents = {one.content for one in self._list_defects}
        if "without-csca" in contents:
            cscas.remove(country.certificate)
        if "with-signer" in contents:
            cscas.append(self._pki["ds.cer"])
        malformed = Deviation("ID", signer_id, "2.1", "DG2 has a malformed length", der.integer(2))
        self._list("master-list.ml", MASTER_LIST, make_master_list(cscas), MASTER_LIST_SIGNER_USE, country)
        self._list(
            "deviation-list.dl", DEVIATION_LIST, make_deviation_list([malformed]), DEVIATION_LIST_SIGNER_USE, country
        )

    def _list(self, file: str, content_type: str, content: bytes, use: str, country: CountrySigner) -> None:
        """Make a list's signer and let it sign."""
        kind = file.partition(".")[0]
        defects = [one for one in self._list_defects if one.file == file]
        root = country
        if any(one.other_root for one in defects):
            root = self._unknown_root()
        key = self._order.signer.new_key(self._rng)
        common_name = f"TEST {kind.replace('-', ' ').title()} Signer"
        validity = self._validity(-365, 5, 4 * 365)
        signer = signer_template(key, root, validity, new_serial(self._rng), common_name=common_name)
        signer = signer.without_extension(ext.DOCUMENT_TYPE_LIST).with_extension(ext.extended_key_usage(use))
        for defect in defects:
            signer = defect.signer_change(signer, self._at) if defect.signer_change else signer
        certificate = signer.issue(root.key)
        signer_file = f"{kind}-signer.cer"
        self._put(signer_file, "list-signer", f"signs the {kind.replace('-', ' ')}", certificate, key=key)
        certificates = (certificate, country.certificate) if kind == "master-list" else (certificate,)
        scheme = self._order.signer.scheme
        attributes = signed_attributes(content_type, content, scheme.hash_name, self._at - 2 * _DAY)
        by = SignerTemplate(key, subject_key_identifier(key_id_of(key)), scheme.hash_name, scheme, attributes)
        template = SignedDataTemplate(content_type, content, certificates, (by,))
        for defect in defects:
            template = defect.change(template, self._at) if defect.change else template
        signed = template.encoded()
        for defect in defects:
            signed = defect.spoil(signed) if defect.spoil else signed
        self._put(file, kind, f"the {kind.replace('-', ' ')}, signed", signed)

    def _unknown_root(self) -> CountrySigner:
        key = self._csca.new_key(self._rng)
        name = distinguished_name("VN", "TEST CSCA that nobody knows")
        validity = self._validity(-730, 15, 5 * 365)
        template = country_template(key, name, validity, new_serial(self._rng), self._csca.scheme)
        return CountrySigner(key, template.issue(key), key_id_of(key), name, self._csca.scheme)

    def _issue(self, file: str, template: CertificateTemplate, key: Key) -> tuple[bytes, CertificateTemplate]:
        """Sign a certificate with the defects chosen for its file."""
        chosen = [one for one in self._certificate_defects if one.file == file]
        for defect in chosen:
            template = defect.change(template, self._at) if defect.change else template
        certificate = template.issue(key)
        for defect in chosen:
            certificate = defect.spoil(certificate) if defect.spoil else certificate
        return certificate, template

    def _put(
        self, name: str, kind: str, about: str, content: bytes, *, is_anchor: bool = False, key: Key | None = None
    ) -> None:
        every: tuple[Defect, ...] = (*self._certificate_defects, *self._crl_defects, *self._list_defects)
        defects = tuple(one.name for one in every if one.file == name)
        self._pki.files[name] = PkiFile(name, kind, about, content, is_anchor, key, defects)
