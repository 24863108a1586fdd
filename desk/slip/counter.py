"""Slips at a running desk: made of what is shown at this moment, sealed beside the visit; a shell is called back.

Whatever goes wrong in a shell is its own trouble and never the citizen's, and whatever hinders a slip or its seal comes
back as a code of the failure catalogue.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from desk.slip.making import slip_of
from desk.slip.office import SlipOffice
from desk.slip.sealing import NO_CLERK, NO_SLIP, MadeSlip, PreparedSlip, SealedSlip
from desk.view import DeskView
from desk.visit_data import VisitData
from reader.errors import MotCuaError

__all__ = ["OnSealed", "OnSlip", "SlipCounter"]

_log = logging.getLogger("motcua.slip")

OnSlip = Callable[[MadeSlip], None]
OnSealed = Callable[[SealedSlip], None]
T = TypeVar("T")


class SlipCounter:
    """Make and seal slips for whoever asks."""

    def __init__(self, office: SlipOffice, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._office = office
        self._now = now

    def make(self, view: DeskView, data: VisitData, clerk_id: str, on_slip: OnSlip) -> None:
        """Hand over the slip of what ``view`` shows, or the code of why there is none."""
        _tell(on_slip, self._made(view, data, clerk_id))

    def seal(self, prepared: PreparedSlip, pdf: bytes, on_sealed: OnSealed) -> None:
        """Hand over the sealed page, or the code of why there is none."""
        try:
            sealed = SealedSlip(self._office.seal(prepared, pdf))
        except MotCuaError as error:
            sealed = SealedSlip(failure=error.code)
        except Exception as error:  # a look-up thread must outlive any fault, and its text may hold personal data
            _log.error("slip not sealed", extra={"kind": type(error).__name__})
            sealed = SealedSlip(failure=MotCuaError.code)
        _tell(on_sealed, sealed)

    def _made(self, view: DeskView, data: VisitData, clerk_id: str) -> MadeSlip:
        # A slip is a clerk's act: where they sign in, none is made for whoever stands there after a session has ended.
        if view.sign_in is not None and not clerk_id:
            return MadeSlip(failure=NO_CLERK)
        try:
            slip = slip_of(view, data, clerk_id, self._office.device, str(uuid.uuid4()), self._now())
            return MadeSlip(self._office.prepare(slip)) if slip is not None else MadeSlip(failure=NO_SLIP)
        except MotCuaError as error:
            _log.error("no slip", extra={"why": error.code})
            return MadeSlip(failure=error.code)
        except Exception as error:  # the visit must outlive any fault, and its text may hold personal data
            _log.error("no slip", extra={"why": MotCuaError.code, "kind": type(error).__name__})
            return MadeSlip(failure=MotCuaError.code)


def _tell(on: Callable[[T], None], value: T) -> None:
    try:
        on(value)
    except Exception as error:
        _log.error("shell failed", extra={"kind": type(error).__name__})
