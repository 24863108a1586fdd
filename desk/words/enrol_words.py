"""What ``motcua enrol`` says."""

from __future__ import annotations

from collections.abc import Mapping

from auth.device.keys import StoreKind
from auth.device.states import DeviceState
from desk.language import Phrase

__all__ = ["ENROL_LINES", "STATES", "STORES"]

STORES: Mapping[StoreKind, Phrase] = {
    StoreKind.PKCS11: Phrase(
        "trong token PKCS#11, không lấy ra được", "in a PKCS#11 token, from which they cannot be taken"
    ),
    StoreKind.PKCS11_SEALED: Phrase(
        "khoá ký trong token PKCS#11, không lấy ra được; khoá mở trong tệp do token đó niêm phong",
        "in a PKCS#11 token: the one that signs; the one that opens in a file which that token seals",
    ),
    StoreKind.KEYCHAIN: Phrase(
        "trong tệp, niêm phong bằng kho khoá của hệ thống", "in files, sealed by the system's keychain"
    ),
    StoreKind.PASSPHRASE: Phrase("trong tệp, niêm phong bằng cụm mật khẩu", "in files, sealed by a passphrase"),
}

STATES: Mapping[DeviceState, Phrase] = {
    DeviceState.PENDING: Phrase("đang chờ duyệt", "waits to be approved"),
    DeviceState.ACTIVE: Phrase("đang hoạt động", "active"),
    DeviceState.SUSPENDED: Phrase("bị tạm ngừng", "suspended"),
    DeviceState.REVOKED: Phrase("đã bị thu hồi", "revoked"),
    DeviceState.WIPED: Phrase("khoá đã bị huỷ theo lệnh", "its keys were destroyed by order"),
}

ENROL_LINES: Mapping[str, Phrase] = {
    "keys-live": Phrase("Khoá của máy nằm {place}.", "This computer's keys live {place}."),
    "device": Phrase("Máy số: {device}", "Device: {device}"),
    "state": Phrase("Tình trạng: {state}", "State: {state}"),
    "code": Phrase("Mã xác nhận:  {code}", "Confirmation code:  {code}"),
    "read-out": Phrase(
        "Đọc mười hai chữ số này cho người duyệt. Khi được duyệt, chạy lại “motcua enrol”.",
        "Read these twelve digits out to the registrar. Once approved, run “motcua enrol” again.",
    ),
    "waiting": Phrase("Đang chờ người duyệt…", "Waiting for the registrar…"),
    "ready": Phrase("Xong: “motcua desk” sẽ tra cứu bằng máy này.", "Done: “motcua desk” looks up as this device now."),
    "settings": Phrase(
        "Thêm vào tệp cấu hình:\n\n[device]\nfolder = {folder}\n",
        "Add to the settings file:\n\n[device]\nfolder = {folder}\n",
    ),
    "confirmed": Phrase("Xác nhận lúc: {when}", "Confirmed: {when}"),
    "never-confirmed": Phrase("Chưa được xác nhận lần nào.", "Never confirmed yet."),
    "due-in": Phrase("Đổi khoá trong {days} ngày.", "Keys want to be rotated in {days} days."),
    "overdue": Phrase(
        "Đã đến hạn đổi khoá: chạy “motcua enrol --rotate”.", "Keys want to be rotated: run “motcua enrol --rotate”."
    ),
    "unfinished": Phrase(
        "Lần đổi khoá trước bị ngắt: chạy “motcua enrol --rotate”.",
        "A rotation was interrupted: run “motcua enrol --rotate”.",
    ),
    "rotated": Phrase(
        "Đã đổi khoá. Khoá cũ còn được nhận đến {until}; sổ ghi việc mới bắt đầu.",
        "Keys rotated. The old ones are taken until {until}; a new ledger begins.",
    ),
    "not-due": Phrase("Chưa đến hạn đổi khoá.", "Keys need no rotation yet."),
    "which-store": Phrase(
        "Chọn nơi giữ khoá: --store pkcs11, pkcs11-sealed, keychain hoặc passphrase. Không tự chọn nơi yếu hơn.",
        "Say where the keys shall live: --store pkcs11, pkcs11-sealed, keychain or passphrase. There is no default.",
    ),
    "no-service": Phrase(
        "Tệp cấu hình chưa có mục [enrolment]: hỏi nơi quản trị thiết bị.",
        "The settings have no [enrolment] table: ask whoever looks after the devices for it.",
    ),
    "ask-passphrase": Phrase("Cụm mật khẩu (ít nhất 12 ký tự): ", "Passphrase (12 characters or more): "),
    "ask-again": Phrase("Nhập lại: ", "Again: "),
    "ask-pin": Phrase("PIN của token: ", "PIN of the token: "),
}
