"""The slip: what the office files instead of paper, as a value, as a page in words, and as a file that programs read.

What comes in: a visit as it was shown. What goes out: a ``PreparedSlip``, its ``SlipPage`` for whoever draws it, its
``slip.json``, and the drawn page signed. No Qt, no network; drawing is ``gui.print``'s.
"""

from desk.slip.content import Maker, Matter, PresenceShown, Slip, SlipDevice, SlipRegister, Subject
from desk.slip.counter import OnSealed, OnSlip, SlipCounter
from desk.slip.filing import SlipNameTaken, SlipNotWritten, file_slip, page_path, record_path, refuse_taken
from desk.slip.making import slip_of
from desk.slip.office import DeskSlips, SlipOffice
from desk.slip.page import Block, Fact, Grid, SlipPage, slip_page
from desk.slip.record import SlipDamaged, SlipHead, read_slip_record, record_digest, slip_record
from desk.slip.sealing import NO_SLIP, MadeSlip, PreparedSlip, SealedSlip, SignedBy
from desk.slip.verifying import (
    MAX_SLIP_PAGE,
    SignedPage,
    SlipReason,
    SlipVerification,
    is_slip_page,
    verify_slip,
)

__all__ = [
    "MAX_SLIP_PAGE",
    "NO_SLIP",
    "Block",
    "DeskSlips",
    "Fact",
    "Grid",
    "MadeSlip",
    "Maker",
    "Matter",
    "OnSealed",
    "OnSlip",
    "PreparedSlip",
    "PresenceShown",
    "SealedSlip",
    "SignedBy",
    "SignedPage",
    "Slip",
    "SlipCounter",
    "SlipDamaged",
    "SlipDevice",
    "SlipHead",
    "SlipNameTaken",
    "SlipNotWritten",
    "SlipOffice",
    "SlipPage",
    "SlipReason",
    "SlipRegister",
    "SlipVerification",
    "Subject",
    "file_slip",
    "is_slip_page",
    "page_path",
    "read_slip_record",
    "record_digest",
    "record_path",
    "refuse_taken",
    "slip_of",
    "slip_page",
    "slip_record",
    "verify_slip",
]
