"""Whoever makes slips valid at a desk: says who will sign, signs the drawn page, and leaves the act in the ledger.

Nothing is handed out before the act is on the disk: a slip that no ledger knows of must not leave the desk. A desk
without registers has no ledger, and its slips, which no register answered for, leave no act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from desk.slip.content import Slip, SlipDevice
from desk.slip.sealing import NO_CERTIFICATE, NO_DEVICE, PreparedSlip, SignedBy

# For the annotations only: a window must not wait for the ledger and the wire.
if TYPE_CHECKING:
    from auth.device.certificate import DeviceCertificate
    from auth.ledger.keeper import LedgerKeeper
    from auth.wire.endpoint import DeviceCredential

__all__ = ["DeskSlips", "SlipOffice"]


class SlipOffice(Protocol):
    """Prepare and seal slips."""

    @property
    def device(self) -> SlipDevice:
        """Return which device makes them."""
        ...

    def prepare(self, slip: Slip) -> PreparedSlip:
        """Return ``slip`` with who will sign it; asks no token and no network."""
        ...

    def seal(self, prepared: PreparedSlip, pdf: bytes) -> bytes:
        """Return the drawn page, signed where it says that it is; raise DeviceError, SlipNotSigned, LedgerUnusable."""
        ...


class DeskSlips:
    """Make slips as one device, or as none; ``certificate`` is asked at each slip, for it may come or go meanwhile."""

    def __init__(
        self,
        device: DeviceCredential | None = None,
        certificate: Callable[[], DeviceCertificate | None] = lambda: None,
        keeper: LedgerKeeper | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._device = device
        self._certificate = certificate
        self._keeper = keeper
        self._now = now

    @property
    def device(self) -> SlipDevice:
        """Return which device makes slips; nothing in it where there is none."""
        device = self._device
        if device is None:
            return SlipDevice()
        key_id = device.signer.key_id
        return SlipDevice(device.device_id, key_id, f"motcua-ledger/{key_id}" if self._keeper is not None else "")

    def prepare(self, slip: Slip) -> PreparedSlip:
        """Return ``slip`` with who will sign it; see ``SlipOffice``."""
        if self._device is None:
            return PreparedSlip.of(slip, unsigned=NO_DEVICE)
        certificate = self._usable()
        if certificate is None:
            return PreparedSlip.of(slip, unsigned=NO_CERTIFICATE)
        signed_by = SignedBy(self._device.device_id, certificate.issuer, certificate.not_after)
        return PreparedSlip.of(slip, signed_by)

    def seal(self, prepared: PreparedSlip, pdf: bytes) -> bytes:
        """Return the page, signed where it says so; see ``SlipOffice``.

        One that was prepared before the desk went over to new keys names the old one and its ledger: SlipNotSigned.
        """
        if prepared.slip.maker.device != self.device:
            from desk.slip.signing import SlipNotSigned

            raise SlipNotSigned("prepared with keys that were replaced")
        sealed = pdf if prepared.signed_by is None else self._signed(pdf)
        if self._keeper is not None:
            self._leave_act(self._keeper, prepared)
        return sealed

    def _usable(self) -> DeviceCertificate | None:
        """Return the certificate of the very key that would sign, where it is valid now."""
        certificate = self._certificate()
        if certificate is None or self._device is None or certificate.key_id != self._device.signer.key_id:
            return None
        return certificate if certificate.not_before <= self._now() < certificate.not_after else None

    def _signed(self, pdf: bytes) -> bytes:
        # Imported here: nobody who makes no slip waits for the library.
        from desk.slip.signing import SlipNotSigned, sign_pdf

        certificate = self._usable()
        if certificate is None or self._device is None:
            # It has run out between the preview and the button; the page says that it is signed and must not be.
            raise SlipNotSigned("no certificate any more")
        return sign_pdf(pdf, self._device.signer, certificate)

    def _leave_act(self, keeper: LedgerKeeper, prepared: PreparedSlip) -> None:
        from auth.ledger import Act, ActKind, commit

        slip, ledger = prepared.slip, keeper.ledger()
        about, opening = commit(prepared.record)
        act = Act(
            ActKind.SLIP_MADE,
            self._now(),
            lookup=next(iter(slip.lookups), ""),
            purpose=slip.matter.purpose,
            basis=slip.matter.legal_basis,
            clerk=ledger.pseudonym(slip.maker.clerk_id),
            about=about,
            detail="signed" if prepared.signed_by is not None else "unsigned",
        )
        ledger.append(act, opening)
