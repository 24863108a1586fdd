"""What a demo has left in its record of look-ups, verified as ``motcua audit verify`` does, before it is gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric import ec

from auth.device_key import DeviceKey
from auth.errors import LedgerUnusable
from desk.cli.session import Session
from desk.sandbox_ports import RegisterSandbox
from desk.words.audit_words import AUDIT_LINES

__all__ = ["tell_record"]


def tell_record(session: Session, ledger: Path, registers: RegisterSandbox) -> None:
    """Say how many acts the record holds, whether it is whole, and how far the registers have countersigned it."""
    from auth.ledger import LedgerReader, verify_ledger

    signer = registers.device.signer
    keys: dict[str, ec.EllipticCurvePublicKey] = {signer.key_id: signer.public_key}
    for endpoint in registers.endpoints:
        keys |= {key.key_id: DeviceKey.from_der(key.spki).key for key in endpoint.answer_keys}
    if not ledger.exists():
        # Nobody was looked up, so nothing was recorded.
        return
    try:
        with closing(LedgerReader(ledger)) as reader:
            report = verify_ledger(reader, keys, signer.key_id)
    except LedgerUnusable as error:
        session.fail(error.code, detail=error.why)
    if not report.leaves:
        return
    line = "demo-holds" if report.holds else "faulty"
    said = AUDIT_LINES[line].text(
        session.texts.language, leaves=report.leaves, covered=report.covered, countersigned=report.countersigned
    )
    typer.echo(said, err=True)
