"""Every word of the window, in Vietnamese and English."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum

__all__ = ["WORDS", "Language", "Words", "language_of_system"]


class Language(Enum):
    """Name the languages of the window."""

    VIETNAMESE = "vi"
    ENGLISH = "en"

    @property
    def other(self) -> Language:
        """Return the one that is not this."""
        return Language.ENGLISH if self is Language.VIETNAMESE else Language.VIETNAMESE


def language_of_system() -> Language:
    """Return English where the locale says so, else Vietnamese."""
    told = next(filter(None, (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return Language.ENGLISH if told.startswith("en") else Language.VIETNAMESE


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the words of one language; ``&`` stands before the letter that Alt reaches it by."""

    title: str
    ribbon: str
    readers: str
    empty: str
    card: str
    persona: str
    chip: str
    chip_of_persona: str
    forgery: str
    fault: str
    timing: str
    none: str
    fault_hint: str
    insert: str
    swap: str
    remove: str
    genuine: str
    must_fail: str
    decision: str
    opens_nothing: str
    on_reader: str
    nothing_on_reader: str
    number: str
    can: str
    mrz: str
    commands: str
    only_refused: str
    keep: str
    column_number: str
    column_command: str
    column_sent: str
    column_received: str
    column_sw: str
    column_ms: str
    column_refusal: str
    no_commands: str
    service: str
    copy: str
    copied: str
    language: str
    done_insert: str
    done_swap: str
    done_remove: str
    kept: str
    working: str
    recordings: str
    slot_taken: str
    slot_empty: str
    no_service: str
    wrong_order: str


WORDS = {
    Language.VIETNAMESE: Words(
        title="Thẻ mô phỏng",
        ribbon="TEST · Thẻ mô phỏng, người không có thật",
        readers="Đầ&u đọc",
        empty="trống",
        card="Thẻ sẽ đặt",
        persona="&Người",
        chip="&Chip",
        chip_of_persona="theo đời thẻ",
        forgery="Giả &mạo",
        fault="&Sự cố",
        timing="&Tốc độ",
        none="không",
        fault_hint="tên trong danh sách, hoặc kịch bản như status:6700@ins=B0#3",
        insert="Đặt thẻ",
        swap="Đổi thẻ",
        remove="Lấy thẻ ra",
        genuine="Thẻ thật, không có sự cố.",
        must_fail="Phải hỏng",
        decision="quyết định",
        opens_nothing="không mở được thẻ",
        on_reader="Thẻ trên đầu đọc",
        nothing_on_reader="Đầu đọc trống. Chọn thẻ bên trái rồi bấm “Đặt thẻ”.",
        number="Số",
        can="CAN",
        mrz="MRZ",
        commands="Lệnh đến chip",
        only_refused="Chỉ lệnh &bị từ chối",
        keep="&Lưu bản ghi…",
        column_number="Số",
        column_command="Lệnh",
        column_sent="Gửi",
        column_received="Nhận",
        column_sw="SW",
        column_ms="ms",
        column_refusal="Chip từ chối theo",
        no_commands="Chưa có lệnh nào.",
        service="Chương trình PC/SC đặt biến",
        copy="Ché&p",
        copied="Đã chép.",
        language="EN",
        done_insert="Đã đặt thẻ, PC/SC đã thấy.",
        done_swap="Đã đổi thẻ, PC/SC đã thấy.",
        done_remove="Đã lấy thẻ ra.",
        kept="Đã lưu bản ghi.",
        working="Đang làm…",
        recordings="Bản ghi (*.jsonl)",
        slot_taken="Đầu đọc đã có thẻ: bấm “Đổi thẻ”.",
        slot_empty="Đầu đọc không có thẻ.",
        no_service="Dịch vụ không trả lời. Chạy lại mock-cards serve rồi mở lại cửa sổ này.",
        wrong_order="Không làm được thẻ này",
    ),
    Language.ENGLISH: Words(
        title="Emulated cards",
        ribbon="TEST · emulated cards, invented people",
        readers="R&eaders",
        empty="empty",
        card="The card to put on",
        persona="&Persona",
        chip="&Chip",
        chip_of_persona="as the card's own",
        forgery="For&gery",
        fault="&Fault",
        timing="&Timing",
        none="none",
        fault_hint="a name of the list, or a script such as status:6700@ins=B0#3",
        insert="Insert",
        swap="Swap",
        remove="Remove",
        genuine="A genuine card, nothing goes wrong.",
        must_fail="Must fail",
        decision="decision",
        opens_nothing="opens nothing",
        on_reader="The card on the reader",
        nothing_on_reader="The reader is empty. Choose a card on the left and press “Insert”.",
        number="Number",
        can="CAN",
        mrz="MRZ",
        commands="Commands to the chip",
        only_refused="&Only what was refused",
        keep="&Keep a recording…",
        column_number="No.",
        column_command="Command",
        column_sent="Sent",
        column_received="Received",
        column_sw="SW",
        column_ms="ms",
        column_refusal="Refused by",
        no_commands="No command yet.",
        service="PC/SC programs set",
        copy="Cop&y",
        copied="Copied.",
        language="VI",
        done_insert="The card is on, PC/SC has found it.",
        done_swap="The card was swapped, PC/SC has found it.",
        done_remove="The card was taken away.",
        kept="The recording was kept.",
        working="Working…",
        recordings="Recordings (*.jsonl)",
        slot_taken="There is a card on the reader: press “Swap”.",
        slot_empty="There is no card on the reader.",
        no_service="The service does not answer. Start mock-cards serve again, then this window.",
        wrong_order="This card cannot be made",
    ),
}
