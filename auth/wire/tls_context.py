"""The TLS of one endpoint while a desk is open: its lists and its client certificate change on the disk under it."""

from __future__ import annotations

import hashlib
import ssl
import threading
from datetime import UTC, datetime

from auth.errors import RegisterUnreachable
from auth.wire.client_certificate import BadClientCertificate, ClientCertificate, ShownCertificate
from auth.wire.dateless import overlook_dates
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.revocation import BadRevocationList, check_against, validity_of
from auth.wire.server_time import ServerTime
from auth.wire.tls import client_context
from auth.wire.tls_refusals import depends_on_dates, doubted_date, refusal
from auth.wire.validity import Validity

__all__ = ["EndpointTls"]


class EndpointTls:
    """Give the context for the next connection, from any thread."""

    def __init__(self, endpoint: RegisterEndpoint, clock: ServerTime | None = None) -> None:
        """Take what is known of the time from ``clock``; raise RegisterUnreachable for anchors that are none."""
        self._endpoint = endpoint
        self._clock = clock or ServerTime()
        self._plain = client_context(endpoint)
        self._lock = threading.Lock()
        self._held: tuple[bytes, ssl.SSLContext] | None = None

    @property
    def shows_certificate(self) -> bool:
        """Tell whether a client certificate is shown to a server that asks."""
        return self._endpoint.client_certificate is not None

    def context(self) -> ssl.SSLContext:
        """Return the context by the lists and the client certificate as they are now.

        Raise RevocationUnknown, ClientCertificateUnusable or ClockInDoubt where one cannot be used; DeviceError where
        the passphrase is not to be had. Nobody was called then.
        """
        source, certificate = self._endpoint.tls_revocation, self._endpoint.client_certificate
        if source is None and certificate is None:
            return self._plain
        try:
            lists = source.lists() if source is not None else ()
            shown = certificate.read() if certificate is not None else None
            if shown is not None:
                self._expect_in_time(shown)
            return self._made(lists, shown, certificate)
        except (BadRevocationList, BadClientCertificate) as bad:
            raise refusal(self._endpoint, bad.why, self._clock) from None

    def expect_lists_in_time(self) -> None:
        """Raise RevocationOutdated or ClockInDoubt where an authority has no list in its time: for whoever looks first.

        In a handshake OpenSSL judges it, and goes by the newest list of each authority.
        """
        source = self._endpoint.tls_revocation
        try:
            validity = validity_of(source.lists()) if source is not None else None
        except BadRevocationList as bad:
            raise refusal(self._endpoint, bad.why, self._clock) from None
        if validity is not None and validity.ends < self._clock.now():
            raise self._out_of_time("tls-crl-expired")

    def refusal(self, why: str, validity: Validity | None = None) -> RegisterUnreachable:
        """Return the error that tells of a handshake that failed for ``why``; ``validity`` is the certificate's."""
        if validity is None and why.startswith("tls-crl-"):
            validity = self._validity_of_lists()
        return refusal(self._endpoint, why, self._clock, validity=validity)

    def dateless(self, why: str) -> ssl.SSLContext | None:
        """Return what to shake hands with for the dates of a certificate, None where they would decide nothing.

        It shows no client certificate: that is nothing for a server whose own does not hold.
        """
        if not depends_on_dates(why, self._clock):
            return None
        source, context = self._endpoint.tls_revocation, client_context(self._endpoint)
        try:
            check_against(context, source.lists() if source is not None else ())
        except BadRevocationList:
            return None
        overlook_dates(context)
        return context

    def _validity_of_lists(self) -> Validity | None:
        source = self._endpoint.tls_revocation
        try:
            return validity_of(source.lists()) if source is not None else None
        except BadRevocationList:
            return None

    def _made(
        self, lists: tuple[bytes, ...], shown: ShownCertificate | None, certificate: ClientCertificate | None
    ) -> ssl.SSLContext:
        stamp = hashlib.sha256(b"".join(hashlib.sha256(raw).digest() for raw in lists)).digest()
        stamp += shown.digest if shown is not None else b""
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                context = client_context(self._endpoint)
                check_against(context, lists)
                if certificate is not None:
                    certificate.load_into(context)
                self._held = stamp, context
            return self._held[1]

    def _expect_in_time(self, shown: ShownCertificate) -> None:
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        if now < shown.begins:
            why = "client-certificate-not-yet-valid"
        elif now > shown.ends:
            why = "client-certificate-expired"
        else:
            return
        raise self._out_of_time(why)

    def _out_of_time(self, why: str) -> RegisterUnreachable:
        """Return the error for a date that was judged by the registers' time where that is known: without a doubt."""
        doubted = not self._clock.known and doubted_date(self._endpoint, why, self._clock)
        return refusal(self._endpoint, why, self._clock, doubted=doubted)
