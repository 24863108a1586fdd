"""The words of the failure catalogue, by code: the device, where its keys live and how the registers see it."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["DEVICE_FAILURES"]

_ASK = (
    "Báo người quản trị thiết bị; chạy “motcua enrol --status” để xem chi tiết.",
    "Tell whoever looks after the devices; “motcua enrol --status” shows the details.",
)

DEVICE_FAILURES: Mapping[str, FailureWords] = {
    "device-trouble": words(
        ("Thiết bị gặp lỗi", "The device met a fault"),
        ("Khoá của máy này không dùng được.", "This computer's keys cannot be used."),
        _ASK,
    ),
    "device-key-unusable": words(
        ("Không dùng được khoá của máy", "This computer's key cannot be used"),
        (
            "Khoá bị thiếu, tệp hỏng, hoặc thiết bị khoá từ chối; không dùng khoá nào khác thay thế.",
            "The key is missing, its file damaged, or the token refuses; no other key is used in its place.",
        ),
        (
            "Chạy “motcua enrol --status”. Nếu khoá đã mất, đăng ký lại máy với khoá mới.",
            "Run “motcua enrol --status”. Where the key is lost, enrol the computer again with a new one.",
        ),
    ),
    "device-token-unavailable": words(
        ("Không thấy thiết bị khoá (token)", "The key token is not there"),
        (
            "Token chưa cắm, bị rút giữa chừng, hoặc phần mềm của nó chưa cài; không có gì yếu hơn được dùng thay.",
            "It is not plugged in, was taken out in the middle, or its software is missing; nothing weaker is used.",
        ),
        ("Cắm lại token rồi thử lại việc vừa làm.", "Plug the token in again, then try the same once more."),
    ),
    "device-pin-refused": words(
        ("Sai PIN của token", "The token refused the PIN"),
        (
            "PIN không đúng. Chương trình không thử lại, vì token đếm số lần sai.",
            "The PIN is wrong. It is not tried again, since the token counts.",
        ),
        (
            "Sửa tệp PIN, hoặc chạy lại và nhập đúng PIN. Không thử nhiều lần.",
            "Correct the PIN file, or start again and type the right one. Do not try many times.",
        ),
    ),
    "device-pin-locked": words(
        ("PIN của token đã bị khoá", "The token's PIN is locked"),
        ("Đã nhập sai quá số lần, hoặc PIN hết hạn.", "It was wrong too often, or has expired."),
        (
            "Nhờ người quản trị mở khoá token bằng mã quản trị (SO PIN).",
            "Ask whoever holds the token's security-officer PIN to unlock it.",
        ),
    ),
    "device-token-locked-out": words(
        ("Thiết bị khoá (TPM) đang tự khoá", "The key token has locked itself"),
        (
            "Đã nhập sai PIN quá số lần; trong lúc này nó từ chối mọi PIN, kể cả PIN đúng, và không ký gì. "
            "Không có gì yếu hơn được dùng thay.",
            "It met wrong PINs too often. For a while it refuses every PIN, the right one too, and signs nothing; "
            "nothing weaker is used.",
        ),
        (
            "Chờ nó tự mở lại, hoặc nhờ người quản trị máy chạy “tpm2_dictionarylockout --clear-lockout”, "
            "rồi bấm “Tra cứu lại”.",
            "Wait until it opens by itself, or have the computer's administrator run “tpm2_dictionarylockout "
            "--clear-lockout”; then press “Look up again”.",
        ),
    ),
    "device-token-cannot-open": words(
        ("Token này không giữ được khoá mở", "This token cannot hold the key that opens"),
        (
            "Token ký được nhưng không thoả thuận khoá (ECDH), như phần lớn TPM; chưa tạo gì trong token.",
            "It signs, but agrees on no secrets (ECDH), as most TPMs behind PKCS#11; nothing was made in it.",
        ),
        (
            "Dùng --store pkcs11-sealed: khoá ký trong token, khoá mở trong tệp do token niêm phong.",
            "Choose --store pkcs11-sealed: the key that signs in the token, the one that opens in a file sealed by it.",
        ),
    ),
    "device-keychain-unavailable": words(
        ("Không mở được kho khoá của hệ thống", "The system's keychain cannot be opened"),
        (
            "Kho khoá đang khoá, không có, hoặc không còn mục của máy này; không dùng cách nào yếu hơn.",
            "It is locked, absent, or has lost this computer's entry; nothing weaker is used.",
        ),
        (
            "Đăng nhập vào hệ thống và mở kho khoá rồi thử lại. Máy không có kho khoá: dùng --store passphrase.",
            "Log in and unlock the keychain, then try again. Where there is none, choose --store passphrase.",
        ),
    ),
    "device-keychain-insecure": words(
        ("Kho khoá này không giữ bí mật", "This keychain keeps nothing secret"),
        (
            "Phần được chọn làm kho khoá ghi bí mật ra tệp thường hoặc không giữ gì.",
            "What is chosen as a keychain writes secrets into a plain file, or keeps none.",
        ),
        (
            "Bỏ cấu hình keyring đó, hoặc chọn --store passphrase hay --store pkcs11.",
            "Remove that keyring configuration, or choose --store passphrase or --store pkcs11.",
        ),
    ),
    "device-passphrase-refused": words(
        ("Cụm mật khẩu không dùng được", "The passphrase was refused"),
        (
            "Cụm mật khẩu sai, ngắn hơn 12 ký tự, hoặc không được cung cấp.",
            "It is wrong, shorter than 12 characters, or was not given.",
        ),
        (
            "Đặt passphrase_file trong [device], hoặc chạy lại và nhập đúng.",
            "Set passphrase_file in [device], or start again and type the right one.",
        ),
    ),
    "device-secret-file-unsafe": words(
        ("Tệp PIN hoặc mật khẩu không an toàn", "The file with the PIN or passphrase is not safe"),
        (
            "Người khác đọc được tệp này, hoặc không đọc được tệp.",
            "Others can read it, or it cannot be read at all.",
        ),
        (
            "Chỉ cho chủ sở hữu đọc (chmod 600) rồi thử lại.",
            "Let its owner alone read it (chmod 600), then try again.",
        ),
    ),
    "device-former-keys-needed": words(
        ("Chưa đổi khoá: hàng chờ còn niêm phong bằng khoá cũ", "Keys not rotated: the queue needs the former ones"),
        (
            "Đổi lần nữa sẽ huỷ khoá duy nhất mở được hàng chờ: nó đang mở ở chương trình khác, hoặc chưa niêm phong "
            "lại được. Khoá hiện tại vẫn dùng được.",
            "Rotating again would destroy the only key that opens it: another program has it open, or it could not be "
            "sealed anew. The present keys go on to serve.",
        ),
        (
            "Đóng cửa sổ quầy, chạy “motcua outbox list” để biết hàng chờ ra sao, rồi chạy lại lệnh đổi khoá.",
            "Close the desk’s window, see with “motcua outbox list” how the queue is, then rotate again.",
        ),
    ),
    "device-enrolment-failed": words(
        ("Việc đăng ký thiết bị không thành", "The enrolment did not succeed"),
        (
            "Câu trả lời của nơi đăng ký không khớp với điều đã hỏi; không có gì được thay đổi.",
            "The service's answer does not fit what was asked; nothing was changed.",
        ),
        (
            "Chạy lại. Nếu lặp lại, báo nơi đăng ký thiết bị.",
            "Run it again. If it happens again, tell whoever runs the enrolment.",
        ),
    ),
    "device-not-active": words(
        ("Máy này chưa được phép tra cứu", "This computer may not look anybody up"),
        ("Các cơ sở dữ liệu không nhận máy này.", "The registers do not take this computer."),
        _ASK,
    ),
    "device-not-enrolled": words(
        ("Máy chưa đăng ký", "This computer is not enrolled"),
        ("Các cơ sở dữ liệu chưa biết máy này.", "The registers do not know this computer."),
        ("Chạy “motcua enrol”.", "Run “motcua enrol”."),
    ),
    "device-pending": words(
        ("Máy đang chờ duyệt", "This computer waits to be approved"),
        (
            "Người duyệt chưa xác nhận mã của máy này.",
            "The registrar has not confirmed this computer's code yet.",
        ),
        (
            "Đọc mã trong “motcua enrol” cho người duyệt, rồi chạy lại lệnh đó.",
            "Read the code that “motcua enrol” shows to the registrar, then run it again.",
        ),
    ),
    "device-status-unknown": words(
        ("Chưa xác nhận được tình trạng của máy", "Nobody has confirmed this computer lately"),
        (
            "Hơn 24 giờ chưa hỏi được tình trạng, hoặc đồng hồ của máy sai.",
            "Its status could not be asked for more than 24 hours, or this computer's clock is wrong.",
        ),
        (
            "Kiểm tra mạng và đồng hồ; máy tự hỏi lại trong một phút.",
            "Check network and clock; the computer asks again within a minute.",
        ),
    ),
    "device-suspended": words(
        ("Máy bị tạm ngừng", "This computer is suspended"),
        ("Người quản trị đã tạm ngừng máy này.", "The registrar has suspended this computer."),
        (
            "Làm tiếp theo giấy tờ và liên hệ người quản trị thiết bị.",
            "Go on by paper and ask whoever looks after the devices.",
        ),
    ),
    "device-revoked": words(
        ("Máy đã bị thu hồi", "This computer is revoked"),
        (
            "Máy không được tra cứu nữa; những gì đang chờ gửi được giữ lại cho người phụ trách.",
            "It may look nobody up any more; what waits to be sent is kept for a supervisor.",
        ),
        (
            "Liên hệ người quản trị. Để dùng lại, phải đăng ký với khoá mới.",
            "Ask whoever looks after the devices. To be used again it must be enrolled with new keys.",
        ),
    ),
    "device-wiped": words(
        ("Khoá của máy đã bị huỷ theo lệnh", "This computer's keys were destroyed by order"),
        (
            "Có lệnh xoá đã ký; khoá, mã cấp trước và hàng chờ không còn, chương trình này không ký được gì nữa.",
            "There was a signed order; keys, booklets and queue are gone, and this program can sign nothing any more.",
        ),
        (
            "Đóng chương trình để trả lại bộ nhớ. Để dùng lại, chuyển thư mục thiết bị đi rồi chạy “motcua enrol”.",
            "Close the program, which gives its memory back. To use it again, move the device folder away and run "
            "“motcua enrol”.",
        ),
    ),
}
