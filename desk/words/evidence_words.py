"""What is said about an evidence file: on what each check rests, and whose word the inspector's word is."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from reader.inspection.basis import Basis

__all__ = ["BASES", "REMARKS", "STATIONS"]

BASES: Mapping[Basis, Phrase] = {
    Basis.FILES: Phrase("tính lại được từ dữ liệu thẻ", "computed anew from the card’s data"),
    Basis.TRUST: Phrase(
        "tính lại theo chứng thư gốc trên máy này", "computed anew by the issuer certificates installed here"
    ),
    Basis.TRANSFERABLE: Phrase(
        "chữ ký của chip, ai cũng kiểm lại được", "the chip’s signature, which anybody can check again"
    ),
    Basis.INSPECTOR: Phrase("chỉ là lời của máy đã đọc thẻ", "only the word of the computer that read the card"),
}

# By the codes of ``desk.verifying``: stations, and a report that its own files contradict.
STATIONS: Mapping[str, Phrase] = {
    "signed-by-known-device": Phrase("máy đã đọc thẻ là máy đã biết", "read by a computer that is known here"),
    "device-key-unknown": Phrase(
        "có chữ ký của một máy mà ở đây chưa biết khoá", "signed by a computer whose key is not known here"
    ),
    "not-signed": Phrase("không có chữ ký của máy đã đọc thẻ", "not signed by the computer that read the card"),
    "station-signature-invalid": Phrase(
        "chữ ký của máy đã đọc thẻ sai: tệp đã bị sửa",
        "the signature of the computer that read the card is wrong: the file was altered",
    ),
    "report-differs": Phrase(
        "báo cáo nói khác chính dữ liệu trong tệp", "the report says something else than the data in the file"
    ),
}

REMARKS: Mapping[str, Phrase] = {
    "written": Phrase(
        "Tệp bằng chứng có dữ liệu và ảnh của công dân; chỉ tài khoản này đọc được. Giữ như giấy tờ của công dân.",
        "The evidence file holds the citizen’s data and portrait; only this account can read it. Keep it like papers.",
    ),
    "unsigned": Phrase(
        "Tệp chưa được ký vì máy này chưa có khoá thiết bị: người khác chỉ kiểm được những gì chữ ký của thẻ chứng "
        "minh.",
        "The file is not signed, since this computer has no device key: others can check only what the card’s own "
        "signatures prove.",
    ),
    "read-on": Phrase("Đọc ngày {moment}, kết luận khi đó: {decision}.", "Read on {moment}; decided then: {decision}."),
    "judged-by": Phrase(
        "Kết luận ở đây theo chính sách “{policy}”, tính tại thời điểm đọc thẻ.",
        "Decided here by the policy “{policy}”, as of the moment of reading.",
    ),
    "reported": Phrase("báo cáo ghi: {status}", "reported: {status}"),
}
