"""The certificates by which this office is known to servers: whose days are numbered is said before a citizen waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desk.device_view import CertificateView
from desk.language import Phrase

# For the annotations only: a clerk's window must not wait for certificates.
if TYPE_CHECKING:
    from auth.wire.client_certificate import ClientCertificate
    from desk.register_kind import RegisterKind
    from desk.settings import Settings

__all__ = ["OfficeCertificate", "certificate_view", "certificates_of"]

ENROLMENT = Phrase("nơi đăng ký thiết bị", "the enrolment of devices")
SIGN_IN = Phrase("máy chủ đăng nhập", "the sign-in server")


@dataclass(frozen=True, slots=True)
class OfficeCertificate:
    """Hold one certificate, and for which servers it is."""

    title: Phrase
    certificate: ClientCertificate


def certificates_of(settings: Settings, kinds: Iterable[RegisterKind[object]]) -> tuple[OfficeCertificate, ...]:
    """Return the certificates that the settings name, one that serves several servers once."""
    titles = {kind.name: kind.title for kind in kinds}
    named = [
        (titles.get(one.register_name, Phrase(one.register_name, one.register_name)), one.client_certificate)
        for one in settings.registers
    ]
    if settings.enrolment is not None:
        named.append((ENROLMENT, settings.enrolment.client_certificate))
    if settings.authorization is not None:
        named.append((SIGN_IN, settings.authorization.client_certificate))
    found: dict[ClientCertificate, list[Phrase]] = {}
    for title, certificate in named:
        if certificate is not None:
            found.setdefault(certificate.certificate(), []).append(title)
    return tuple(OfficeCertificate(_joined(for_whom), certificate) for certificate, for_whom in found.items())


def certificate_view(certificates: Sequence[OfficeCertificate], now: float) -> CertificateView | None:
    """Return what is most urgent of ``certificates`` at ``now``, seconds since 1970; None while all are good for long.

    Long is more than two weeks.
    """
    from auth.errors import ClientCertificateOutOfTime, ClientCertificateUnusable
    from auth.wire.client_certificate import WARN_DAYS, BadClientCertificate

    today, due = datetime.fromtimestamp(now, UTC), list[CertificateView]()
    for one in certificates:
        try:
            shown = one.certificate.read()
        except BadClientCertificate:
            return CertificateView(one.title, failure=ClientCertificateUnusable.code)
        if today < shown.begins:
            # The words of one that has expired would have it replaced; here the date of this computer may be wrong.
            return CertificateView(one.title, failure=ClientCertificateOutOfTime.code)
        days = shown.days_left(today)
        if days <= WARN_DAYS:
            due.append(CertificateView(one.title, days))
    return min(due, key=lambda view: view.days_left, default=None)


def _joined(titles: Sequence[Phrase]) -> Phrase:
    return Phrase(", ".join(title.vi for title in titles), ", ".join(title.en for title in titles))
