"""Why it does not work and what to do: PC/SC, trust and registers probed one by one, as findings with words."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from auth.errors import LedgerMoved, LedgerUnusable
from auth.purposes import purpose
from desk.kinds.installed import KindUnusable, installed_kinds
from desk.language import Phrase
from desk.office_certificates import certificate_view, certificates_of
from desk.settings import Settings, SettingsInvalid
from desk.texts import Texts
from reader.errors import MotCuaError
from reader.pcsc import Finding as PcscFinding
from reader.pcsc import diagnose as diagnose_pcsc

# For an annotation only: what speaks to servers is imported when they are looked at.
if TYPE_CHECKING:
    from auth.wire.endpoint import RegisterEndpoint

__all__ = ["Finding", "diagnose", "words_of"]

# What the probes find where all is well; a trouble has its words in the failure catalogue.
_GOOD = {
    "pcsc-service-running": Phrase("Dịch vụ đầu đọc thẻ đang chạy.", "The smart-card service is running."),
    "pcsc-reader-found": Phrase("Thấy đầu đọc.", "A reader is there."),
    "pcsc-reader-passed-over": Phrase(
        "Đầu đọc ảo của hệ thống, bỏ qua.", "A virtual reader of the system, passed over."
    ),
    "pcsc-card-answers": Phrase("Thẻ trả lời.", "The card answers."),
    "trust-anchors": Phrase("Đã cài chứng thư gốc.", "Issuer certificates are installed."),
    "device-active": Phrase("Máy đã đăng ký và đang hoạt động.", "This computer is enrolled and active."),
    "ledger-usable": Phrase("Sổ ghi việc dùng được.", "The record of look-ups can be used."),
    "registers-set-up": Phrase("Đã khai báo cơ sở dữ liệu.", "The register is set up."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one finding: ``about`` names what it is about (a reader, a file, a register), ``code`` is stable."""

    area: str
    code: str
    ok: bool
    about: str = ""
    result: int | None = None


def diagnose(
    settings: Settings, probe_pcsc: Callable[[], tuple[PcscFinding, ...]] = diagnose_pcsc
) -> tuple[Finding, ...]:
    """Probe everything and return what was found, trouble or not; never raise."""
    pcsc = [Finding("pcsc", f.code, f.ok, f.reader, f.result) for f in probe_pcsc()]
    return (*pcsc, *_trust(settings), *_registers(settings), *_device(settings), *_ledger(settings))


def words_of(finding: Finding, texts: Texts) -> tuple[str, str]:
    """Return what was found and the next step in words; the step is empty where all is well."""
    good = _GOOD.get(finding.code)
    if good is not None:
        return good.text(texts.language), ""
    failure = texts.failure_of(finding.code)
    return f"{failure.title}. {failure.cause}", failure.next_step


def _trust(settings: Settings) -> list[Finding]:
    from desk.trusting import desk_trust

    now = datetime.now().astimezone()
    try:
        told = desk_trust(settings, now)
    except SettingsInvalid:
        return [Finding("trust", "trust-unreadable", ok=False)]
    except MotCuaError as error:
        return [Finding("trust", error.code, ok=False)]
    trust = told.material
    refused = [Finding("trust", "trust-unreadable", ok=False, about=refused.subject) for refused in trust.refused]
    if told.freshness.expired(now):
        refused.append(Finding("trust", "trust-expired", ok=False))
    if not len(trust.anchors):
        return [*refused, Finding("trust", "no-trust", ok=False)]
    return [*refused, Finding("trust", "trust-anchors", ok=True, about=str(len(trust.anchors)))]


def _registers(settings: Settings) -> list[Finding]:
    known = {register.register_name for register in settings.registers}
    wanted = purpose(settings.purpose).registers
    try:
        kinds = installed_kinds()
    except KindUnusable as error:
        return [Finding("registers", error.code, ok=False)]
    found = [
        Finding("registers", "registers-set-up" if name in known else "register-not-set-up", name in known, about=name)
        for name in (kind.name for kind in kinds if kind.name in wanted)
    ]
    return [*found, *_tls(settings)]


def _tls(settings: Settings) -> list[Finding]:
    """Set up the TLS of each server as a desk would, from the files that are there; nobody is called."""
    from auth.errors import RegisterUnreachable
    from auth.wire.tls_context import EndpointTls

    found: list[Finding] = []
    for endpoint in _servers(settings):
        if endpoint.tls_revocation is None and endpoint.client_certificate is None:
            continue
        try:
            tls = EndpointTls(endpoint)
            tls.context()
            tls.expect_lists_in_time()
        except RegisterUnreachable as error:
            found.append(Finding("registers", error.code, ok=False, about=f"{endpoint.register}: {error.why}"))
        except MotCuaError as error:
            found.append(Finding("registers", error.code, ok=False, about=endpoint.register))
    due = certificate_view(certificates_of(settings, installed_kinds()), time.time())
    if due is not None and not due.failure and due.days_left >= 0:
        found.append(Finding("registers", "client-certificate-expires", ok=False, about=str(due.days_left)))
    return found


def _servers(settings: Settings) -> tuple[RegisterEndpoint, ...]:
    """Return where a desk calls; a server of which that cannot be told is left out."""
    from desk.enrolment import enrolment_endpoint
    from desk.registers_assembly import endpoints_of

    servers: list[RegisterEndpoint] = []
    # Whatever it is, the settings or the trust, it is found under its own name elsewhere.
    with suppress(MotCuaError):
        servers.extend(endpoints_of(settings))
    with suppress(MotCuaError):
        if settings.enrolment is not None:
            servers.append(enrolment_endpoint(settings))
    with suppress(ValueError):
        if settings.authorization is not None:
            servers.append(settings.authorization.endpoint().server)
    return tuple(servers)


def _device(settings: Settings) -> list[Finding]:
    """Tell how an enrolled device stands by what is on this computer; nobody is asked and no key is opened."""
    from desk.device import desk_device
    from desk.device_place import enrolled_here

    try:
        if enrolled_here(settings) is None:
            return []
        desk_device(settings).require_lookup()
    except MotCuaError as error:
        return [Finding("device", error.code, ok=False)]
    return [Finding("device", "device-active", ok=True)]


def _ledger(settings: Settings) -> list[Finding]:
    """Open the ledger as a look-up would, where there is one: the first look-up begins it."""
    from auth.ledger import Ledger
    from auth.machine import machine_mark
    from desk.device import desk_device
    from desk.device_place import enrolled_here, ledger_file

    try:
        if not settings.registers or (settings.device is None and enrolled_here(settings) is None):
            return []
        signer = desk_device(settings).credential.signer
        path = ledger_file(settings, signer.key_id)
        if path.exists():
            with closing(Ledger(path, signer, machine_mark())) as ledger:
                if ledger.moved:
                    raise LedgerMoved("moved")
                ledger.probe()
    except LedgerUnusable as error:
        return [Finding("ledger", error.code, ok=False, about=error.why)]
    except MotCuaError as error:
        return [Finding("ledger", error.code, ok=False)]
    return [Finding("ledger", "ledger-usable", ok=True)]
