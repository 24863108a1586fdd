"""The words of the failure catalogue, by code: the trust store, its operators and its repository.

Written for whoever looks after the computers of an office; a clerk meets none of these with a citizen in front of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["TRUST_FAILURES"]

TRUST_FAILURES: Mapping[str, FailureWords] = {
    "trust-trouble": words(
        ("Kho tin cậy gặp lỗi", "The trust store met a fault"),
        (
            "Việc với kho tin cậy hỏng vì lý do không có tên riêng; kho vẫn như trước.",
            "The work on the trust store failed for a reason without a name of its own; the store is as it was.",
        ),
        (
            "Chạy “motcua trust list”; nếu kho hỏng, làm theo hướng dẫn ở đó.",
            "Run “motcua trust list”; if the store is damaged, do what it says.",
        ),
    ),
    "trust-no-operators": words(
        ("Kho tin cậy chưa có người vận hành", "The trust store has no operators yet"),
        (
            "Chưa đăng ký ai được quyền thay đổi kho, nên không cài được gì.",
            "Nobody is enrolled who may change the store, so nothing can be installed.",
        ),
        (
            "Đăng ký ít nhất hai người bằng “motcua trust operators”.",
            "Enrol two people at least by “motcua trust operators”.",
        ),
    ),
    "trust-operators-exist": words(
        ("Kho tin cậy đã có người vận hành", "The trust store has operators already"),
        (
            "Chỉ những người vận hành hiện tại mới được cho người khác vào.",
            "Only the operators there are may let others in.",
        ),
        (
            "Tạo thay đổi bằng “motcua trust operators” rồi để hai người hiện tại ký.",
            "Make the change by “motcua trust operators” and have two of the present ones sign it.",
        ),
    ),
    "trust-key-refused": words(
        ("Không dùng được khoá ký", "The signing key cannot be used"),
        (
            "Tệp khoá hỏng, không được mã hoá, sai mật khẩu, hoặc mật khẩu quá ngắn.",
            "The key file is damaged or not encrypted, or the passphrase is wrong or too short.",
        ),
        (
            "Kiểm tra tệp khoá và nhập lại mật khẩu (ít nhất 8 ký tự).",
            "Check the key file and enter the passphrase again (eight characters at least).",
        ),
    ),
    "trust-change-damaged": words(
        ("Tệp thay đổi bị hỏng hoặc bị sửa", "The change file is damaged or was altered"),
        (
            "Nội dung không khớp với những gì đã ký; không có gì được cài.",
            "Its content is not what was signed; nothing was installed.",
        ),
        (
            "Xin lại tệp từ người lập; nếu vẫn vậy, báo người phụ trách an toàn.",
            "Get the file from its maker once more; if it is the same, tell whoever looks after security.",
        ),
    ),
    "trust-change-unsigned": words(
        ("Thay đổi chưa đủ chữ ký", "The change lacks signatures"),
        (
            "Thay đổi kho tin cậy cần ít nhất hai người vận hành khác nhau ký.",
            "A change of the trust store needs the signatures of two different operators at least.",
        ),
        (
            "Để người tiếp theo xem và ký bằng “motcua trust sign”, rồi nhập lại.",
            "Have the next operator look at it and sign by “motcua trust sign”, then import it again.",
        ),
    ),
    "trust-change-outdated": words(
        ("Thay đổi này lập cho trạng thái khác", "The change was made for another state"),
        (
            "Kho đã thay đổi từ khi lập tệp này, hoặc tệp thuộc kho khác.",
            "The store has changed since the file was made, or the file belongs to another store.",
        ),
        (
            "Lập lại thay đổi từ các tệp gốc và ký lại.",
            "Make the change again from the original files and sign it anew.",
        ),
    ),
    "trust-nothing-new": words(
        ("Không có gì mới để cài", "There is nothing new to install"),
        (
            "Mọi thứ trong tệp đã được cài, hoặc bị từ chối với lý do nêu ở trên.",
            "Everything in the files is installed already, or was refused for the reasons shown.",
        ),
        (
            "Xem lý do từ chối; nếu cần, xin tệp đúng từ nơi phát hành.",
            "Look at the reasons; if needed, get the right files from their publisher.",
        ),
    ),
    "trust-store-damaged": words(
        ("Kho tin cậy bị hỏng", "The trust store is damaged"),
        (
            "Một tệp của kho thiếu hoặc khác với lúc được niêm phong; kho không được dùng.",
            "A file of the store is missing or is not what was sealed; the store is not used.",
        ),
        (
            "Chạy “motcua trust repair”; nếu không được, cài lại kho từ bản sao hoặc từ đầu.",
            "Run “motcua trust repair”; if that fails, install the store from a copy or anew.",
        ),
    ),
    "trust-store-busy": words(
        ("Kho tin cậy đang được thay đổi", "The trust store is being changed"),
        (
            "Một chương trình khác trên máy này đang ghi vào kho.",
            "Another program on this computer is writing to the store.",
        ),
        ("Đợi một phút rồi chạy lại.", "Wait a minute, then run it again."),
    ),
    "trust-store-unwritable": words(
        ("Không ghi được kho tin cậy", "The trust store cannot be written"),
        (
            "Không có quyền ghi vào thư mục của kho, hoặc ổ đĩa đã đầy; kho vẫn như trước.",
            "There is no permission to write the store’s folder, or the disk is full; the store is as it was.",
        ),
        (
            "Chạy với quyền quản trị, hoặc chọn thư mục khác bằng “--store”.",
            "Run it as an administrator, or choose another folder by “--store”.",
        ),
    ),
    "trust-repository-trouble": words(
        ("Không cập nhật được danh sách tin cậy", "The trust could not be updated"),
        (
            "Việc cập nhật hỏng vì lý do không có tên riêng; kho vẫn như trước.",
            "The update failed for a reason without a name of its own; the store is as it was.",
        ),
        ("Chạy lại “motcua trust update” sau ít phút.", "Run “motcua trust update” again in a few minutes."),
    ),
    "trust-repository-unreachable": words(
        ("Không đọc được nguồn cập nhật", "The repository cannot be read"),
        (
            "Máy chủ hoặc thư mục không có tệp cần thiết, hoặc máy chủ không chứng minh được mình.",
            "Server or folder lack a file that is needed, or the server could not prove who it is.",
        ),
        (
            "Kiểm tra mạng, địa chỉ hoặc thẻ USB rồi chạy lại.",
            "Check the network, the address or the USB stick, then run it again.",
        ),
    ),
    "trust-repository-timeout": words(
        ("Nguồn cập nhật quá chậm", "The repository is too slow"),
        (
            "Việc cập nhật không xong trong thời gian cho phép; kho vẫn như trước.",
            "The update was not complete within the time allowed; the store is as it was.",
        ),
        ("Chạy lại khi mạng tốt hơn.", "Run it again when the network is better."),
    ),
    "trust-repository-untrusted": words(
        ("Nguồn cập nhật không đáng tin", "The repository is not to be trusted"),
        (
            "Chữ ký, số phiên bản hoặc mã băm không đúng: nguồn bị thay đổi hoặc phát hành sai.",
            "Signatures, versions or hashes do not hold: the repository was changed, or published wrongly.",
        ),
        (
            "Không dùng nguồn này; báo ngay cho nơi phát hành và người phụ trách an toàn.",
            "Do not use it; tell its publisher and whoever looks after security at once.",
        ),
    ),
    "trust-repository-expired": words(
        ("Nguồn cập nhật đã quá hạn", "The repository is out of date"),
        (
            "Nơi phát hành đã lâu không gia hạn, hoặc có ai đó cho máy này xem bản cũ.",
            "Its publisher has not renewed it in time, or somebody shows this computer an old copy.",
        ),
        (
            "Kiểm tra đồng hồ của máy; lấy bản mới hơn hoặc báo nơi phát hành.",
            "Check this computer’s clock; get a newer copy or tell the publisher.",
        ),
    ),
    "trust-repository-unknown": words(
        ("Máy này chưa biết nguồn cập nhật nào", "This computer knows no repository yet"),
        (
            "Chưa cài khoá gốc của nguồn cập nhật, hoặc chưa khai báo địa chỉ.",
            "No root of a repository was installed here, or no address is set.",
        ),
        (
            "Cài tệp root.json của nơi phát hành bằng “motcua trust import” và hai chữ ký.",
            "Install the publisher’s root.json by “motcua trust import” and two signatures.",
        ),
    ),
}
