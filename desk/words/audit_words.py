"""What ``motcua audit`` says: the faults of a ledger, and how far it is signed for."""

from __future__ import annotations

from collections.abc import Mapping

from auth.ledger.audit import Fault
from desk.language import Phrase

__all__ = ["AUDIT_LINES", "FAULTS"]

# {where} is the number of an act, counted from 0, or of acts up to a checkpoint; of an export, of a line.
FAULTS: Mapping[Fault, Phrase] = {
    Fault.LEAF_MISSING: Phrase("việc số {where} bị thiếu", "act {where} is missing"),
    Fault.ROOT_DIFFERS: Phrase(
        "các việc trước lần chốt sổ ở {where} đã bị sửa", "acts before the checkpoint at {where} were altered"
    ),
    Fault.SHORTER_THAN_CHECKPOINT: Phrase(
        "sổ ngắn hơn lần chốt sổ ở {where}: phần cuối đã bị cắt",
        "the ledger is shorter than the checkpoint at {where}: its end was cut off",
    ),
    Fault.SIGNATURE: Phrase(
        "chữ ký của lần chốt sổ ở {where} sai hoặc thiếu",
        "the checkpoint at {where} lacks a signature or has a wrong one",
    ),
    Fault.ANOTHER_LOG: Phrase(
        "lần chốt sổ ở {where} là của máy khác", "the checkpoint at {where} is of another computer"
    ),
    Fault.NO_CHECKPOINT: Phrase("sổ chưa chốt lần nào", "there is no checkpoint"),
    Fault.HASHES_DIFFER: Phrase(
        "các mã băm lưu trong sổ không khớp với {where} việc", "the hashes kept do not match the {where} acts"
    ),
    Fault.DAMAGED: Phrase("tệp hỏng, chỉ đọc được đến {where}", "the file is damaged; it can be read up to {where}"),
    Fault.PROOF: Phrase("không chứng minh được {where} thuộc sổ này", "{where} is not proven to be in this ledger"),
}

AUDIT_LINES: Mapping[str, Phrase] = {
    "holds": Phrase("Sổ nguyên vẹn.", "The ledger is whole."),
    "faulty": Phrase("Sổ không nguyên vẹn:", "The ledger is not whole:"),
    "counts": Phrase(
        "{leaves} việc; máy đã ký đến việc {covered}; cơ sở dữ liệu ký xác nhận đến việc {countersigned}.",
        "{leaves} acts; signed for by the computer up to {covered}, countersigned by registers up to {countersigned}.",
    ),
    "begins-later": Phrase(
        "Tệp không có các việc trước việc số {first}: về các việc ấy không nói được gì.",
        "The acts before number {first} are not in the file: nothing is said of those.",
    ),
    "demo-holds": Phrase(
        "Sổ ghi việc của lần thử này nguyên vẹn: {leaves} việc, cơ sở dữ liệu ký xác nhận đến việc {countersigned}.",
        "This demo's record of look-ups is whole: {leaves} acts, countersigned by registers up to {countersigned}.",
    ),
    "no-register-key": Phrase(
        "Chưa biết khoá của cơ sở dữ liệu nào: chưa kiểm được chữ ký xác nhận (--register-key).",
        "No register's key is known here: countersignatures were not verified (--register-key).",
    ),
    "exported": Phrase("Đã ghi {acts} việc.", "{acts} acts were written."),
}
