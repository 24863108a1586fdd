"""Whoever keeps the device while a desk is open: asks for its status every 15 minutes, wipes on order, rotates keys.

``require_lookup`` is asked before every look-up and answers from what is on this computer; the network is asked on a
thread of its own, soon after the start and then again and again. An order to wipe stops look-ups first.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from auth.device.certifying import renew_certificate
from auth.device.errors import EnrolmentFailed
from auth.device.keys import KeyStore
from auth.device.messages import ENROLMENT
from auth.device.record import DeviceFolder, DeviceRecord
from auth.device.rotating import WARN_DAYS, days_left, forget_previous
from auth.device.self_rotating import SelfRotation
from auth.device.service import DeviceService
from auth.device.statements import issuer_keys, read_statement
from auth.device.states import DeviceState
from auth.device.status import FETCH_SECONDS, SKEW_SECONDS, STATUS_KIND, Standing, StatusClaims, standing_of, state_at
from auth.device.wiping import acknowledge_wipe, finish_wipe, take_order
from auth.wire.endpoint import RegisterEndpoint
from reader.errors import DataError, MotCuaError

__all__ = ["DeviceKeeper"]

_log = logging.getLogger("motcua.device")
RETRY_SECONDS = 60.0
CLOSE_SECONDS = 3.0


class DeviceKeeper:
    """Keep one device; every method may be called from any thread.

    ``sealed_files`` returns what an order to wipe destroys beside the keys, such as the outbox; ``export_ledger``
    writes the ledger out where the order wants that; ``forget_keys`` lets go of the keys that the desk has open.
    """

    def __init__(
        self,
        folder: DeviceFolder,
        store: KeyStore,
        endpoint: RegisterEndpoint | Callable[[], RegisterEndpoint],
        *,
        sealed_files: Callable[[], Iterable[Path]] = tuple,
        export_ledger: Callable[[], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        deadline_s: float = 10.0,
        in_use: str = "",
        needed: Callable[[str], bool] = lambda _: False,
        forget_keys: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin nothing yet; ``start`` does.

        ``endpoint`` may be asked for anew each time, since the service's keys may change while a desk is open.
        ``in_use`` is the id of the signing key that the desk has open. ``needed`` tells whether something may be sealed
        to the opening key of that id: as long as it is, no rotation destroys it, nor is it forgotten.
        """
        self._folder = folder
        self._store = store
        self._where = endpoint if callable(endpoint) else lambda: endpoint
        self._sealed_files = sealed_files
        self._forget_keys = forget_keys
        self._export_ledger = export_ledger
        self._now = now
        self._deadline_s = deadline_s
        self._in_use = in_use
        self._needed = needed
        self._rotation: SelfRotation | None = None
        self._ended = threading.Event()
        self._on_news: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)

    def start(self) -> None:
        """Ask for the status from now on, on a thread."""
        self._thread.start()

    def follow(self, on_news: Callable[[], None]) -> None:
        """Call ``on_news`` from now on whenever the status was asked for, answered or not; on the keeper's thread."""
        self._on_news = on_news

    def rotate_when(
        self, idle: Callable[[], bool], write_down: Callable[[str], None], is_written: Callable[[str], bool]
    ) -> None:
        """Rotate the keys from now on when they are due and ``idle`` says that no visit is on; see ``SelfRotation``."""
        self._rotation = SelfRotation(
            self._folder,
            self._store,
            self._where,
            idle=idle,
            write_down=write_down,
            is_written=is_written,
            now=self._now,
            needed=self._needed,
        )

    def close(self) -> None:
        """End the thread, within some seconds, and let go of the store; what is under way then ends without it."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_SECONDS)
        self._store.close()

    def standing(self) -> Standing:
        """Return how the device stands, by what is on this computer; raise DeviceKeyUnusable for a damaged record."""
        record = self._folder.read()
        if record is None:
            return Standing(None, fresh=False)
        if record.wiping is not None:
            return Standing(DeviceState.WIPED, fresh=False)
        try:
            return standing_of(record.state, self._kept(), record.index, self._now())
        except DataError:
            return Standing(record.state, fresh=False)

    def require_lookup(self) -> None:
        """Raise the DeviceNotActive that says why no look-up may be made now."""
        self.standing().require_lookup()

    def rotation_due(self) -> int | None:
        """Return in how many days the keys want to be rotated, None while that is far off; negative where overdue.

        Raise DeviceKeyUnusable for a damaged record.
        """
        record = self._folder.read()
        if record is None:
            return None
        days = days_left(record, self._now().timestamp())
        return days if days <= WARN_DAYS else None

    def restart_by(self) -> datetime | None:
        """Return until when the keys are taken that the desk has open, None while they are the device's present ones.

        Where they are not even the former ones, that is now. Raise DeviceKeyUnusable for a damaged record.
        """
        record = self._folder.read()
        if record is None or record.wiping is not None or self._in_use in ("", record.keys.signing):
            return None
        previous = record.previous
        if previous is None or previous.signing != self._in_use:
            return self._now()
        return datetime.fromtimestamp(record.previous_until, UTC)

    def refresh(self) -> Standing:
        """Ask for the status now, and do what it says; return the standing after it.

        Raises RegisterError and EnrolmentFailed without the service's word, which then changes nothing, and DeviceError
        where the key cannot be used.
        """
        record = self._folder.read()
        if record is None or not record.device_id:
            return self.standing()
        if record.wiping is not None:
            self._wipe()
            return self.standing()
        with DeviceService(self._where(), self._store.signer(record.keys.signing), deadline_s=self._deadline_s) as told:
            reply = told.status(record.device_id)
            keys = told.keys
        self._take(record, reply.status_list)
        if reply.wipe_order:
            take_order(self._folder, self._store, reply.wipe_order, keys)
            self._wipe()
        else:
            now = self._now().timestamp()
            forget_previous(self._folder, self._store, now, in_use=self._in_use, needed=self._needed)
            self._certify()
        return self.standing()

    def _certify(self) -> None:
        """Have the key certified; a service that issues nothing is in nobody's way."""
        try:
            renew_certificate(self._folder, self._store, self._where(), self._now(), deadline_s=self._deadline_s)
        except MotCuaError as error:
            _log.info("no certificate", extra={"why": error.code})

    def _take(self, record: DeviceRecord, status_list: str) -> None:
        """Keep a status list that can be believed, is young, and is not older than the one that is kept."""
        try:
            claims = read_statement(STATUS_KIND, StatusClaims, status_list, issuer_keys(self._where()))
            if claims.iss != ENROLMENT or not claims.iat <= claims.exp:
                raise DataError("status list of somebody else")
            state = state_at(claims.status_list, record.index) if record.index is not None else record.state
        except DataError as error:
            raise EnrolmentFailed(error.what) from None
        kept = self._kept()
        if kept is not None and claims.iat < kept.iat - SKEW_SECONDS:
            raise EnrolmentFailed("an older status list")
        with self._folder.locked():
            now = self._folder.read()
            if now is None or now.wiping is not None:
                return
            self._folder.write_status(status_list)
            if now.state is not state:
                self._folder.write(now.model_copy(update={"state": state}))

    def _kept(self) -> StatusClaims | None:
        """Return the list that is kept, None where there is none or it is not what the pinned keys have signed."""
        kept = self._folder.read_status()
        try:
            return read_statement(STATUS_KIND, StatusClaims, kept, issuer_keys(self._where())) if kept else None
        except DataError:
            return None

    def _wipe(self) -> None:
        # Before anything is destroyed: a desk that is open signs nothing more, whatever comes of the rest.
        self._forget_keys()
        finish_wipe(self._folder, self._store, self._sealed_files(), self._export_ledger)
        acknowledge_wipe(self._folder, self._where())

    def _run(self) -> None:
        while True:
            wait: float = FETCH_SECONDS
            try:
                self.refresh()
                again = self._rotation.step(self._in_use) if self._rotation is not None else None
                wait = wait if again is None else min(wait, again)
            except MotCuaError as error:
                # The desk shows what follows from it; how often it happens is for whoever looks for the cause. An order
                # to wipe that could not be carried out, for whatever of ours, is taken up again.
                _log.info("no status", extra={"why": error.code})
                wait = RETRY_SECONDS
            except Exception as error:  # the thread must outlive any fault: without it look-ups would stop for good
                _log.error("no status", extra={"kind": type(error).__name__})
                wait = RETRY_SECONDS
            self._on_news()
            if self._ended.wait(wait):
                return
