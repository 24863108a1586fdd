"""The pages that a clerk sees in a browser: plain HTML, no script, no image, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

__all__ = ["Form", "message_page", "preferred_language", "sign_in_page", "user_code_page"]

_STYLE = """
:root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}
body{margin:0;background:Canvas;color:CanvasText}
main{max-width:26rem;margin:6vh auto;padding:0 1.5rem}
h1{font-size:1.5rem;margin:0 0 .5rem}
label{display:block;font-weight:600;margin-top:1rem}
input,button{font:inherit;box-sizing:border-box;width:100%;padding:.6rem .75rem;border-radius:.4rem;
border:1px solid GrayText;margin-top:.25rem;min-height:2.75rem}
button.main{background:#1d4ed8;color:#fff;border-color:#1d4ed8;font-weight:600;margin-top:1.5rem}
:focus-visible{outline:3px solid #1d4ed8;outline-offset:2px}
.error{border-left:4px solid #b91c1c;padding:.5rem .75rem;margin:1rem 0}
.code{font:600 1.75rem/1.2 ui-monospace,monospace;letter-spacing:.1em}
.note{font-size:.9rem}
""".strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

_TEXTS: dict[str, dict[str, str]] = {
    "vi": {
        "title": "Đăng nhập cán bộ",
        "other": "English",
        "desk": "Máy đang xin đăng nhập: {device}",
        "clerk": "Mã cán bộ",
        "password": "Mật khẩu",
        "otp": "Mã một lần (6 chữ số)",
        "sign-in": "Đăng nhập",
        "cancel": "Huỷ",
        "wrong": "Thông tin đăng nhập không đúng. Kiểm tra rồi nhập lại.",
        "wait": "Thử sai quá nhiều lần. Đợi {seconds} giây rồi thử lại.",
        "no-role": "Cán bộ này không có quyền cho việc nào trong số được xin.",
        "gone": "Yêu cầu đăng nhập này không còn hiệu lực. Quay lại máy và bắt đầu lại.",
        "device-title": "Nhập mã trên máy",
        "user-code": "Mã hiện trên màn hình máy",
        "next": "Tiếp tục",
        "compare": "Mã trên máy phải đúng là:",
        "compare-note": "Nếu bạn không tự bắt đầu việc này, hoặc mã khác, bấm Huỷ.",
        "done": "Đã đăng nhập. Quay lại máy; có thể đóng trang này.",
        "cancelled": "Đã huỷ. Không ai được đăng nhập.",
        "sandbox": "Máy chủ thử nghiệm: cán bộ và mật khẩu đều là giả.",
    },
    "en": {
        "title": "Clerk sign-in",
        "other": "Tiếng Việt",
        "desk": "Desk that asks for it: {device}",
        "clerk": "Clerk id",
        "password": "Password",
        "otp": "One-time code (6 digits)",
        "sign-in": "Sign in",
        "cancel": "Cancel",
        "wrong": "That is not right. Check it and enter it again.",
        "wait": "Too many tries. Wait {seconds} seconds, then try again.",
        "no-role": "This clerk may do none of what is asked for.",
        "gone": "This request to sign in counts no more. Go back to the desk and start again.",
        "device-title": "Enter the desk’s code",
        "user-code": "Code on the desk’s screen",
        "next": "Go on",
        "compare": "The code on the desk must be:",
        "compare-note": "If you did not start this, or the code is another, press Cancel.",
        "done": "Signed in. Go back to the desk; this page may be closed.",
        "cancelled": "Cancelled. Nobody is signed in.",
        "sandbox": "Test server: clerks and passwords are invented.",
    },
}


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """Hold what one form needs: where it goes, what it must carry, and what to say above it."""

    action: str
    hidden: tuple[tuple[str, str], ...]
    device: str
    language: str
    other_language: str
    error: str = ""
    seconds: int = 0
    clerk: str = ""
    wants_code: bool = False
    compare: str = ""


def preferred_language(locales: str) -> str:
    """Return vi or en from ``ui_locales`` or Accept-Language, Vietnamese unless English comes first."""
    for part in locales.replace(",", " ").split():
        language = part.partition(";")[0].partition("-")[0].lower()
        if language in _TEXTS:
            return language
    return "vi"


def sign_in_page(form: Form, callback: str = "") -> HTMLResponse:
    """Return the form for id and password, and one-time code where it is wanted."""
    texts = _TEXTS[form.language]
    parts = [f"<h1>{texts['title']}</h1>", f"<p>{escape(texts['desk'].format(device=form.device))}</p>"]
    if form.compare:
        parts.append(f'<p>{texts["compare"]}</p><p class="code">{escape(form.compare)}</p>')
        parts.append(f'<p class="note">{texts["compare-note"]}</p>')
    parts.append(_error(form))
    fields = [
        _field("clerk", texts["clerk"], 'autocomplete="username" maxlength="60" autocapitalize="none"', form.clerk),
        _field("password", texts["password"], 'type="password" autocomplete="current-password" maxlength="200"'),
    ]
    if form.wants_code:
        fields.append(
            _field("otp", texts["otp"], 'inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}"')
        )
    buttons = (
        f'<button class="main" name="act" value="sign-in">{texts["sign-in"]}</button>'
        f'<button name="act" value="cancel" formnovalidate>{texts["cancel"]}</button>'
    )
    parts.append(_form(form, "".join(fields) + buttons))
    status = 429 if form.error == "wait" else 403 if form.error else 200
    return _page(form.language, texts["title"], parts, form.other_language, status, callback, form.seconds)


def user_code_page(form: Form) -> HTMLResponse:
    """Return the form for the code that a kiosk shows."""
    texts = _TEXTS[form.language]
    field = _field("user_code", texts["user-code"], 'autocomplete="off" maxlength="12" autocapitalize="characters"')
    parts = [f"<h1>{texts['device-title']}</h1>", _error(form)]
    parts.append(_form(form, f'{field}<button class="main">{texts["next"]}</button>'))
    status = 429 if form.error == "wait" else 403 if form.error else 200
    return _page(form.language, texts["device-title"], parts, form.other_language, status, seconds=form.seconds)


def message_page(language: str, message: str, status: int = 200) -> HTMLResponse:
    """Return a page that only says something."""
    texts = _TEXTS[language]
    return _page(
        language, texts["title"], [f'<h1>{texts["title"]}</h1><p role="status">{texts[message]}</p>'], "", status
    )


def _error(form: Form) -> str:
    if not form.error:
        return ""
    text = _TEXTS[form.language][form.error].format(seconds=form.seconds)
    return f'<p class="error" role="alert" id="error">{escape(text)}</p>'


def _field(name: str, label: str, attributes: str, value: str = "") -> str:
    given = f' value="{escape(value)}"' if value else ""
    return f'<label for="{name}">{label}</label><input id="{name}" name="{name}" required {attributes}{given}>'


def _form(form: Form, content: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.hidden
    )
    return f'<form method="post" action="{escape(form.action)}">{hidden}{content}</form>'


def _page(
    language: str,
    title: str,
    parts: list[str],
    other_language: str,
    status: int,
    callback: str = "",
    seconds: int = 0,
) -> HTMLResponse:
    texts = _TEXTS[language]
    other = "en" if language == "vi" else "vi"
    link = f'<p><a href="{escape(other_language)}" lang="{other}">{texts["other"]}</a></p>' if other_language else ""
    body = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} — Một Cửa</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f'{"".join(parts)}{link}<p class="note">{texts["sandbox"]}</p></main></body></html>'
    )
    headers = {
        # The form ends in a redirect to the desk's loopback port, which browsers judge by form-action too.
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {callback}".rstrip()
        ),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    if seconds:
        headers["retry-after"] = str(seconds)
    return HTMLResponse(body, status, headers)
