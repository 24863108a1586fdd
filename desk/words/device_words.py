"""Words for keys and certificates that grow old, in both languages; why one may look nobody up, the failures say."""

from __future__ import annotations

from collections.abc import Mapping

from desk.device_view import CertificateView, DeviceView
from desk.failures import failure_text
from desk.language import Language, Phrase

__all__ = ["DEVICE", "device_words"]

DEVICE: Mapping[str, Phrase] = {
    "soon": Phrase(
        "Khoá của máy này cần thay trong {days} ngày tới. Máy tự thay khi đến hạn; nên để máy nối mạng.",
        "This computer’s key must be replaced, days left: {days}. It does so by itself; leave it connected.",
    ),
    "due": Phrase(
        "Khoá của máy này đến hạn thay; máy tự thay khi không có lượt tiếp dân. Nếu dòng này cứ còn, báo quản trị chạy "
        "“motcua enrol --rotate”.",
        "This computer’s key is due and is replaced between two visits. If this line stays, ask whoever looks after it "
        "to run “motcua enrol --rotate”.",
    ),
    "restart": Phrase(
        "Máy này đã tự thay khoá và tự chuyển sang khoá mới giữa hai lượt tiếp dân, khi không còn cán bộ nào đăng "
        "nhập. Nếu dòng này cứ còn, đóng rồi mở lại chương trình trước {until}.",
        "This computer has replaced its key and goes over to the new one between two visits, once nobody is signed in. "
        "If this line stays, close the program and open it again before {until}.",
    ),
    "certificate-soon": Phrase(
        "Chứng thư kết nối của cơ quan ({title}) còn hiệu lực {days} ngày. Báo người quản trị xin chứng thư mới.",
        "This office’s client certificate ({title}) expires soon, days left: {days}. Ask your administrator to get a "
        "new one.",
    ),
    "certificate-today": Phrase(
        "Chứng thư kết nối của cơ quan ({title}) hết hiệu lực trong vòng một ngày. Báo ngay người quản trị.",
        "This office’s client certificate ({title}) expires within a day. Tell your administrator now.",
    ),
    "certificate-over": Phrase(
        "Chứng thư kết nối của cơ quan ({title}) đã hết hạn; không kết nối được tới nơi đó. Báo ngay người quản trị.",
        "This office’s client certificate ({title}) has expired; no connection is made there. Tell your "
        "administrator now.",
    ),
}


def device_words(view: DeviceView, language: Language) -> str:
    """Return what must be said of this computer and of the office's certificate, with the next step of each."""
    said: list[str] = []
    if view.failure:
        said.append(_failure(view.failure, language))
    elif view.restart_by:
        said.append(DEVICE["restart"].text(language, until=view.restart_by))
    elif view.days_left is not None:
        said.append(DEVICE["soon" if view.days_left > 0 else "due"].text(language, days=view.days_left))
    if view.certificate is not None:
        said.append(_certificate(view.certificate, language))
    return " ".join(said)


def _certificate(view: CertificateView, language: Language) -> str:
    title = view.title.text(language)
    if view.failure:
        return f"{title}: {_failure(view.failure, language)}"
    when = "soon" if view.days_left > 0 else "over" if view.days_left < 0 else "today"
    return DEVICE[f"certificate-{when}"].text(language, title=title, days=view.days_left)


def _failure(code: str, language: Language) -> str:
    text = failure_text(code, language)
    return f"{text.title}. {text.next_step}"
