"""The words of the failure catalogue, by code: certificates by which a register and this office know one another."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["TLS_FAILURES"]

_TELL = (
    "Báo người phụ trách kết nối; lượt tra cứu có thể xếp hàng chờ. Kết quả đọc thẻ vẫn dùng được.",
    "Tell whoever looks after the connection; the look-up can wait in the queue. What the card showed still stands.",
)

TLS_FAILURES: Mapping[str, FailureWords] = {
    "register-certificate-revoked": words(
        ("Chứng thư máy chủ đã bị thu hồi", "The register's certificate was revoked"),
        (
            "Cơ quan cấp đã thu hồi chứng thư của máy chủ này; có thể khoá của nó đã lộ. Không có gì được gửi đi.",
            "Its authority has taken this server's certificate back; its key may be in other hands. Nothing was sent.",
        ),
        (
            "Không thử lại. Báo ngay người phụ trách kết nối và làm tiếp theo giấy tờ.",
            "Do not try again. Tell whoever looks after the connection at once, and go on by paper.",
        ),
    ),
    "register-crl-expired": words(
        ("Danh sách thu hồi đã hết hạn", "The revocation list has expired"),
        (
            "Không biết chứng thư máy chủ có bị thu hồi sau đó hay không, nên không kết nối.",
            "Whether the server's certificate was revoked since is not known, so nobody was called.",
        ),
        (
            "Kiểm tra ngày giờ của máy. Nếu đúng, nhờ quản trị lấy danh sách mới (“motcua trust update” hoặc tệp trong"
            " tls_crls).",
            "Check this computer's date and time. If they are right, ask your administrator for a newer list (“motcua"
            " trust update”, or the file in tls_crls).",
        ),
    ),
    "register-crl-unusable": words(
        ("Không kiểm tra được việc thu hồi chứng thư", "Revocation cannot be checked"),
        (
            "Danh sách thu hồi bị thiếu, hỏng, hoặc không phải của cơ quan cấp chứng thư máy chủ, nên không kết nối.",
            "The revocation list is missing, damaged, or not that of the server's authority, so nobody was called.",
        ),
        (
            "Nhờ quản trị thay danh sách của đúng cơ quan cấp (tls_crls, hoặc “motcua trust update”).",
            "Ask your administrator to put the right authority's list in its place (tls_crls, or “motcua trust"
            " update”).",
        ),
    ),
    "register-certificate-out-of-time": words(
        ("Chứng thư máy chủ ngoài thời hạn", "The register's certificate is out of its time"),
        (
            "Theo ngày của máy này, chứng thư của máy chủ đã hết hạn hoặc chưa có hiệu lực. Không có gì được gửi đi.",
            "By this computer's date the server's certificate has expired or is not valid yet. Nothing was sent.",
        ),
        (
            "Xem ngày giờ của máy có đúng không. Nếu đúng, báo người phụ trách kết nối: máy chủ cần chứng thư mới.",
            "See whether this computer's date and time are right. If they are, tell whoever looks after the"
            " connection: the server needs a new certificate.",
        ),
    ),
    "register-clock-in-doubt": words(
        ("Đồng hồ máy này có thể sai", "This computer's clock is likely wrong"),
        (
            "Theo đồng hồ của máy, chứng thư dùng để kết nối chưa có hiệu lực hoặc đã hết hạn từ lâu. Không có gì được"
            " gửi đi.",
            "By its date a certificate of the connection is not valid yet, or was over long ago. Nothing was sent.",
        ),
        (
            "Kiểm tra và chỉnh lại ngày giờ của máy, rồi bấm “Tra cứu lại”. Nếu ngày giờ đã đúng, báo người phụ trách"
            " kết nối.",
            "Check this computer's clock and set date and time, then press “Look up again”. If they were right, tell"
            " whoever looks after the connection.",
        ),
    ),
    "client-certificate-unusable": words(
        ("Không dùng được chứng thư kết nối của cơ quan", "This office's client certificate cannot be used"),
        (
            "Tệp chứng thư hoặc khoá bị thiếu, hỏng, không khớp, không mã hoá, hoặc sai cụm mật khẩu.",
            "Its file or its key is missing, damaged, not encrypted, of another certificate, or the passphrase is"
            " wrong.",
        ),
        (
            "Báo quản trị; “motcua diagnose” cho biết tệp nào. Không thay bằng khoá không mã hoá.",
            "Tell your administrator; “motcua diagnose” says of which server. A key that is not encrypted is never"
            " taken.",
        ),
    ),
    "client-certificate-out-of-time": words(
        (
            "Chứng thư kết nối của cơ quan ngoài thời hạn",
            "This office's client certificate is out of its time",
        ),
        (
            "Máy chủ sẽ không nhận chứng thư này, nên máy không kết nối.",
            "The server would not take it, so it was not called.",
        ),
        (
            "Xem ngày giờ của máy có đúng không. Nếu đúng, nhờ quản trị xin chứng thư mới và thay tệp; không cần khởi"
            " động lại.",
            "See whether this computer's date and time are right. If they are, ask your administrator to get a new one"
            " and to replace the file; nothing need be restarted.",
        ),
    ),
    "client-certificate-expires": words(
        ("Chứng thư kết nối của cơ quan sắp hết hạn", "This office's client certificate expires soon"),
        (
            "Chứng thư còn hiệu lực không quá hai tuần; sau đó không kết nối được tới máy chủ đó nữa.",
            "It is good for two weeks more at most; no connection is made there after that.",
        ),
        (
            "Nhờ quản trị xin chứng thư mới và thay tệp; không cần khởi động lại.",
            "Ask your administrator to get a new one and to replace the file; nothing need be restarted.",
        ),
    ),
    "client-certificate-refused": words(
        ("Máy chủ không nhận chứng thư của cơ quan", "The server does not take this office's client certificate"),
        (
            "Máy chủ đã từ chối khi kết nối: không biết cơ quan cấp, hoặc chứng thư hết hạn hay bị thu hồi.",
            "It refused in so many words: the authority is unknown to it, or the certificate has expired or was"
            " revoked.",
        ),
        _TELL,
    ),
    "client-certificate-wanted": words(
        ("Máy chủ đòi chứng thư kết nối của cơ quan", "The server wants a client certificate"),
        (
            "Chưa khai báo chứng thư nào cho máy chủ này.",
            "None is set up for it.",
        ),
        (
            "Nhờ quản trị khai báo client_certificate của máy chủ đó.",
            "Ask your administrator to set up client_certificate for this server.",
        ),
    ),
}
