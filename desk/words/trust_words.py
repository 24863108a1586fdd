"""The words for the trust store: kinds of files, what a change does, why something is refused, how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping

from auth.distribution.kinds import Action, ObjectKind
from desk.language import Phrase

__all__ = ["ACTIONS", "KINDS", "REFUSALS", "TRUST_LINES"]

KINDS: Mapping[ObjectKind, Phrase] = {
    ObjectKind.AUTHORITY: Phrase("chứng thư gốc (CSCA)", "issuer certificate (CSCA)"),
    ObjectKind.SIGNER: Phrase("chứng thư ký tài liệu", "document signer"),
    ObjectKind.MASTER_LIST: Phrase("danh sách chứng thư gốc", "master list"),
    ObjectKind.REVOCATION_LIST: Phrase("danh sách thu hồi", "revocation list"),
    ObjectKind.DEVIATION_LIST: Phrase("danh sách sai lệch", "deviation list"),
    ObjectKind.DISTRUST: Phrase("danh sách không tin cậy", "list of distrust"),
    ObjectKind.REGISTER_KEYS: Phrase("khoá của cơ sở dữ liệu", "keys of a register"),
    ObjectKind.REGISTER_LISTS: Phrase(
        "danh sách thu hồi chứng thư máy chủ", "revocation lists for a register’s server"
    ),
    ObjectKind.ENROLMENT_AUTHORITIES: Phrase("chứng thư của nơi đăng ký máy", "authorities of an enrolment office"),
    ObjectKind.POLICY: Phrase("chính sách", "policy"),
    ObjectKind.REPOSITORY_ROOT: Phrase("khoá gốc của nguồn cập nhật", "root of a repository"),
}

ACTIONS: Mapping[Action, Phrase] = {
    Action.ADDED: Phrase("thêm", "added"),
    Action.REMOVED: Phrase("bỏ", "removed"),
    Action.CHANGED: Phrase("thay", "changed"),
    Action.REFUSED: Phrase("từ chối", "refused"),
}

REFUSALS: Mapping[str, Phrase] = {
    "test-certificate": Phrase(
        "chứng thư thử nghiệm, không bao giờ được cài", "a test certificate, which is never installed"
    ),
    "older-than-held": Phrase("cũ hơn bản đang có", "older than the one installed"),
    "held-by-operators": Phrase("người vận hành đã tự cài tệp này", "the operators installed one of their own"),
    "self-signature-invalid": Phrase("chữ ký của chính nó sai: tệp bị hỏng", "its own signature is wrong: damaged"),
    "signer-not-trusted": Phrase(
        "không chứng thư gốc nào đã cài ký nó", "no installed issuer certificate of that State signed it"
    ),
    "no-trust-anchor": Phrase("chưa cài chứng thư gốc của nước đó", "no issuer certificate of that State is installed"),
    "malformed": Phrase("không đọc được", "cannot be read"),
    "too-large": Phrase("quá lớn", "too large"),
    "too-many-items": Phrase("quá nhiều mục", "too many items"),
    "unknown-curve": Phrase("khoá trên đường cong lạ", "a key on an unknown curve"),
    "unsupported-key": Phrase("loại khoá không được hỗ trợ", "an unsupported kind of key"),
    "not-an-authority": Phrase("tự nói không phải chứng thư của cơ quan cấp", "says itself that it is no authority’s"),
    "signer-wrong-purpose": Phrase("người ký không được phép ký loại này", "its signer may not sign this kind"),
    "signing-time-unknown": Phrase("không ghi thời điểm ký", "does not say when it was signed"),
    "signer-not-valid-at-signing": Phrase(
        "chứng thư của người ký không có hiệu lực lúc ký", "its signer’s certificate was not valid at signing"
    ),
    "signer-may-not-sign-lists": Phrase(
        "cơ quan cấp không được phép ký danh sách thu hồi", "its issuer may not sign revocation lists"
    ),
    "signer-certificate-missing": Phrase("thiếu chứng thư của người ký", "lacks its signer’s certificate"),
    "signer-key-refused": Phrase("khoá của người ký không dùng được", "its signer’s key cannot be used"),
    "no-signer": Phrase("không có người ký", "nobody signed it"),
    "signature-invalid": Phrase("chữ ký sai", "its signature is wrong"),
    "content-digest-mismatch": Phrase("nội dung không như đã ký", "its content is not what was signed"),
    "signed-attributes-wrong": Phrase("thuộc tính đã ký bị sai", "its signed attributes are wrong"),
    "content-type-wrong": Phrase("loại nội dung sai", "its type of content is wrong"),
    "algorithm-refused": Phrase("thuật toán quá yếu", "its algorithm is too weak"),
    "algorithm-unsupported": Phrase("thuật toán không được hỗ trợ", "its algorithm is not supported"),
    "delta-list": Phrase("chỉ là phần thay đổi của danh sách khác", "tells only the changes since another list"),
    "partial-list": Phrase("chỉ nói về một phần chứng thư", "speaks for some certificates only"),
    "indirect-list": Phrase("nói về chứng thư của cơ quan khác", "speaks for another issuer’s certificates"),
    "unknown-critical-extension": Phrase("có điều kiện không hiểu được", "makes a condition that cannot be judged"),
    "not-one-object": Phrase("không phải đúng một đối tượng", "is not exactly one object"),
}

TRUST_LINES: Mapping[str, Phrase] = {
    "certificates": Phrase("chứng thư", "certificates"),
    "signed-by": Phrase("ký bởi {signer}, dưới {anchor}, ngày {date}", "signed by {signer}, under {anchor}, on {date}"),
    "valid": Phrase("hiệu lực {begin} – {end}", "valid {begin} – {end}"),
    "entries": Phrase("{count} mục", "{count} entries"),
    "would-change": Phrase(
        "Nếu cài: thêm {added}, thay {changed}, bỏ {removed}, từ chối {refused}.",
        "If installed: {added} added, {changed} changed, {removed} removed, {refused} refused.",
    ),
    "proposed": Phrase(
        "Đã lập thay đổi số {number}: {file}. Cần {need} chữ ký; xem và ký bằng “motcua trust sign {file} --key …”, "
        "rồi “motcua trust import {file}”.",
        "Change {number} made: {file}. It needs {need} signatures; look at it and sign by "
        "“motcua trust sign {file} --key …”, then “motcua trust import {file}”.",
    ),
    "signed": Phrase("Đã ký: {have} trên {need} chữ ký.", "Signed: {have} of {need} signatures."),
    "installed": Phrase("Đã cài thay đổi số {number}.", "Change {number} is installed."),
    "founding": Phrase(
        "Lập kho tin cậy với {count} người vận hành, cần {need} chữ ký.",
        "Founds the trust store with {count} operators, {need} of whom must sign.",
    ),
    "current": Phrase("Kho đã là bản mới nhất.", "The store is up to date."),
    "whole": Phrase("Toàn bộ lịch sử và mọi tệp đều nguyên vẹn.", "The whole history and every file are as signed."),
    "repaired": Phrase(
        "Đã dựng lại phần dùng hằng ngày từ lịch sử đã kiểm tra.",
        "What is read daily was built again from the verified history.",
    ),
    "key-made": Phrase(
        "Khoá mới: {id}. Giữ {file} cho riêng mình; đưa {public} cho người lập kho.",
        "New key: {id}. Keep {file} to yourself; hand {public} to whoever founds the store.",
    ),
    "entry": Phrase("số {number}, {date}: +{added} −{removed}", "change {number}, {date}: +{added} −{removed}"),
    "update": Phrase("từ nguồn cập nhật, bản {version}", "from the repository, release {version}"),
    "operators": Phrase("người vận hành: {names}; cần {need} chữ ký", "operators: {names}; {need} must sign"),
    "back-to": Phrase("trở lại sau số {number}", "back to what was after change {number}"),
    "by": Phrase("ký bởi {names}", "signed by {names}"),
}
