"""Three judges who have nothing in common but the question: we, the openssl command, and pyhanko-certvalidator."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path

from asn1crypto import crl, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from reader.errors import DataError
from reader.trust import (
    Certificate,
    DocumentDates,
    TrustMaterial,
    judge_chain,
    judge_revocation,
    verify_signed_data,
)
from reader.trust.certificate import DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER
from reader.trust.deviations import DEVIATION_LIST
from reader.trust.master_list import MASTER_LIST
from reader.trust.signed_list import open_signed_list
from reader.verdict import CheckStatus

from .cases import AT, Case, Question

__all__ = ["certvalidator", "openssl", "ours"]


def ours(case: Case) -> bool:
    """Return whether our verdicts all passed."""
    trust = TrustMaterial.of(case.anchors, [case.crl] if case.crl else [])
    try:
        if case.content_type in _PURPOSES:
            open_signed_list(case.subject, case.content_type, _PURPOSES[case.content_type], trust.anchors)
            return True
        signer = Certificate.parse(case.subject) if not case.content_type else _signer_of(case)
    except DataError:
        return False
    if signer is None:
        return False
    chain = judge_chain(signer, trust, DocumentDates(AT, AT))
    verdicts = [chain.verdict]
    if case.question is Question.REVOCATION:
        verdicts.append(judge_revocation(signer, chain.anchor, trust.revocation, AT))
    return all(verdict.status is CheckStatus.PASSED for verdict in verdicts)


_PURPOSES = {MASTER_LIST: MASTER_LIST_SIGNER, DEVIATION_LIST: DEVIATION_LIST_SIGNER}


def _signer_of(case: Case) -> Certificate | None:
    found = verify_signed_data(case.subject, case.content_type)
    return None if found.fault else found.signers[0].certificate


def openssl(case: Case, folder: Path) -> tuple[bool, str]:
    """Return whether openssl finds it good, and what it said."""
    anchors = _file(folder, "anchors.pem", b"".join(_pem("CERTIFICATE", raw) for raw in case.anchors))
    at = ["-attime", str(int(AT.timestamp())), "-CAfile", anchors]
    if case.question is Question.SIGNED_DATA:
        subject = _file(folder, "subject.der", case.subject)
        return _run("cms", "-verify", "-inform", "DER", "-in", subject, "-purpose", "any", *at, "-out", "/dev/null")
    subject = _file(folder, "subject.pem", _pem("CERTIFICATE", case.subject))
    if case.question is Question.REVOCATION:
        at += ["-crl_check", "-CRLfile", _file(folder, "list.pem", _pem("X509 CRL", case.crl))]
    return _run("verify", *at, subject)


def _run(*arguments: str) -> tuple[bool, str]:
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)  # our own arguments
    return done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace").strip()


def _file(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def _pem(label: str, raw: bytes) -> bytes:
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), base64.encodebytes(raw), label.encode())


def certvalidator(case: Case) -> tuple[bool, str]:
    """Return whether pyhanko-certvalidator builds and validates a path, and what it said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of asn1crypto, on dates and names that the case spoilt on purpose
        try:
            asyncio.run(_validate(case))
        except (PathBuildingError, ValidationError, ValueError, TypeError, KeyError) as error:
            return False, f"{type(error).__name__}: {error}"
        except Exception as error:  # whatever else it raises on hostile bytes is a refusal too
            return False, f"{type(error).__name__}: {error}"
    return True, "valid"


async def _validate(case: Case) -> None:
    rule = RevocationCheckingRule.CRL_REQUIRED if case.crl else RevocationCheckingRule.NO_CHECK
    policy = CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule))
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(raw, strict=True) for raw in case.anchors],
        moment=AT,
        allow_fetching=False,
        weak_hash_algos=set(),
        crls=_crls([case.crl] if case.crl else []),
        revinfo_policy=policy,
    )
    subject = x509.Certificate.load(case.subject, strict=True)
    await CertificateValidator(subject, validation_context=context).async_validate_path()


def _crls(raws: Iterable[bytes]) -> list[crl.CertificateList]:
    return [crl.CertificateList.load(raw, strict=True) for raw in raws]
