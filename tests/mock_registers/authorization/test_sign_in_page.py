"""The page on which a clerk signs in: who gets through it, who does not, and what it is made of."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mock_registers.authorization import AuthorizationService, ClerkLogin
from mock_registers.authorization.sign_in import Visitor

STRONG = {"acr_values": "urn:motcua:acr:two-factor"}


def _text(page: Any) -> str:
    return str(page.body.decode())


def _alert(page: Any) -> str:
    found = re.search(r'role="alert"[^>]*>([^<]*)<', _text(page))
    return found[1] if found else ""


def test_a_clerk_who_types_what_is_right_is_sent_back_with_a_code(desk: Any, clerk: ClerkLogin, pages: Any) -> None:
    back = desk.type(desk.page(desk.push()), clerk)
    assert back.headers["location"].startswith("http://127.0.0.1:50123/cb?")
    assert back.headers["cache-control"] == "no-store"
    came = pages.brought(back)
    assert (came["state"], came["iss"]) == ("s" * 32, "https://127.0.0.1:4443/authorization")
    assert set(came) == {"code", "state", "iss"}


@pytest.mark.parametrize("clerk_id", ["canbo.mau", "canbo.nghiviec", "nobody", ""])
def test_nobody_learns_what_was_wrong(desk: Any, logins: dict[str, ClerkLogin], clerk_id: str) -> None:
    password = logins["canbo.nghiviec"].password
    page = desk.type(desk.page(desk.push()), logins["canbo.mau"], clerk=clerk_id, password=password)
    assert page.status_code == 403
    assert _alert(page) == "Thông tin đăng nhập không đúng. Kiểm tra rồi nhập lại."


def test_a_clerk_without_a_role_for_any_of_it_is_told_so(desk: Any, logins: dict[str, ClerkLogin]) -> None:
    detail = desk.parameters()["authorization_details"][1]
    page = desk.type(desk.page(desk.push(authorization_details=[detail])), logins["canbo.cutru"])
    assert page.status_code == 403
    assert "không có quyền" in _alert(page)


def test_five_wrong_passwords_end_the_request(desk: Any, clerk: ClerkLogin, pages: Any) -> None:
    secret = desk.push()
    page = desk.page(secret)
    for _ in range(4):
        assert desk.type(page, clerk, clerk="nobody", password="wrong").status_code == 403
    assert pages.brought(desk.type(page, clerk, clerk="nobody", password="wrong"))["error"] == "access_denied"
    assert desk.page(secret).status_code == 400


def test_a_clerks_id_is_locked_for_five_minutes_after_five_wrong_passwords(desk: Any, clerk: ClerkLogin) -> None:
    for _ in range(5):
        desk.type(desk.page(desk.push()), clerk, password="wrong")
    page = desk.type(desk.page(desk.push()), clerk)
    assert page.status_code == 429
    assert page.headers["retry-after"] == "301"
    assert "Đợi 301 giây" in _alert(page)
    desk.later(301)
    assert desk.type(desk.page(desk.push()), clerk).status_code == 303


def test_wrong_passwords_for_one_clerk_do_not_lock_another(desk: Any, logins: dict[str, ClerkLogin]) -> None:
    for _ in range(5):
        desk.type(desk.page(desk.push()), logins["canbo.mau"], password="wrong")
    assert desk.type(desk.page(desk.push()), logins["canbo.haimau"]).status_code == 303


def test_wrong_passwords_for_many_ids_lock_all_of_them(desk: Any, clerk: ClerkLogin) -> None:
    for number in range(100):
        desk.type(desk.page(desk.push()), clerk, clerk=f"nobody{number}")
    assert desk.type(desk.page(desk.push()), clerk).status_code == 429


def test_a_form_without_the_cookie_or_with_anothers_is_refused(desk: Any, clerk: ClerkLogin) -> None:
    page = desk.page(desk.push())
    mine, desk.cookie = desk.cookie, ""
    assert desk.type(page, clerk).status_code == 400
    desk.cookie = "c" * 43
    assert desk.type(page, clerk).status_code == 400
    desk.cookie = mine
    assert desk.type(page, clerk).status_code == 303


def test_a_form_cannot_be_sent_for_another_request(desk: Any, clerk: ClerkLogin, pages: Any) -> None:
    first, second = desk.page(desk.push()), desk.page(desk.push())
    subject = pages.hidden(second)["subject"]
    assert desk.type(first, clerk, subject=subject).status_code == 400
    assert desk.type(first, clerk, csrf="").status_code == 400
    assert desk.type(first, clerk, csrf="\N{BULLET}").status_code == 400


def test_a_request_is_good_for_one_sign_in(desk: Any, clerk: ClerkLogin) -> None:
    page = desk.page(desk.push())
    assert desk.type(page, clerk).status_code == 303
    assert desk.type(page, clerk).status_code == 400


def test_a_cancelled_sign_in_signs_nobody_in(desk: Any, clerk: ClerkLogin, pages: Any) -> None:
    page = desk.page(desk.push())
    assert pages.brought(desk.type(page, clerk, act="cancel"))["error"] == "access_denied"
    assert desk.type(page, clerk).status_code == 400


def test_a_request_that_is_not_there_is_not_shown(desk: Any, other_desk: Any, clerk: ClerkLogin) -> None:
    secret = desk.push()
    assert desk.page("another").status_code == 400
    assert desk.page(secret, client_id="desk-2").status_code == 400
    assert desk.page(secret, state="s").status_code == 400
    page = desk.page(secret)
    desk.later(600)
    assert desk.page(secret).status_code == 400
    assert desk.type(page, clerk).status_code == 400


def test_a_device_that_was_suspended_meanwhile_gets_nobody_signed_in(
    desk: Any, clerk: ClerkLogin, devices: Any
) -> None:
    page = desk.page(desk.push())
    devices.suspended.add(desk.key_id)
    assert desk.type(page, clerk).status_code == 400


def test_a_one_time_code_is_asked_for_where_the_desk_wants_it(desk: Any, clerk: ClerkLogin) -> None:
    page = desk.page(desk.push(**STRONG))
    assert 'name="otp"' in _text(page)
    assert 'name="otp"' not in _text(desk.page(desk.push()))
    assert desk.type(page, clerk).status_code == 403
    assert desk.type(page, clerk, otp="000000").status_code == 403
    assert desk.type(page, clerk, otp=clerk.one_time_code(desk.now)).status_code == 303


def test_a_one_time_code_counts_once_and_for_a_minute(desk: Any, clerk: ClerkLogin) -> None:
    code = clerk.one_time_code(desk.now)
    assert desk.type(desk.page(desk.push(**STRONG)), clerk, otp=code).status_code == 303
    assert desk.type(desk.page(desk.push(**STRONG)), clerk, otp=code).status_code == 403
    late = clerk.one_time_code(desk.now + 30)
    desk.now += 90
    assert desk.type(desk.page(desk.push(**STRONG)), clerk, otp=late).status_code == 403
    former = clerk.one_time_code(desk.now - 30)
    assert desk.type(desk.page(desk.push(**STRONG)), clerk, otp=former[:3] + " " + former[3:]).status_code == 303


def test_the_page_speaks_vietnamese_or_english(desk: Any, server: AuthorizationService) -> None:
    assert '<html lang="vi">' in _text(desk.page(desk.push()))
    assert '<html lang="en">' in _text(desk.page(desk.push(ui_locales="en")))
    assert '<html lang="en">' in _text(desk.page(desk.push(), lang="en"))
    assert '<html lang="vi">' in _text(desk.page(desk.push(), lang="fr"))


def test_the_page_has_no_script_and_nothing_from_elsewhere(desk: Any, clerk: ClerkLogin) -> None:
    page = desk.page(desk.push())
    for shown in (page, desk.type(page, clerk, password="wrong"), desk.device_page(), desk.page("gone")):
        policy = shown.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"<script|<img|<link|<iframe|javascript:|\son[a-z]+=", _text(shown), re.IGNORECASE)


def test_the_form_may_lead_to_the_desk_that_asked_and_nowhere_else(desk: Any) -> None:
    policy = desk.page(desk.push()).headers["content-security-policy"]
    assert policy.endswith("form-action 'self' http://127.0.0.1:50123/cb")


def test_the_cookie_is_this_browsers_only(desk: Any) -> None:
    cookie = desk.page(desk.push()).headers["set-cookie"]
    assert cookie.startswith("__Host-motcua-sign-in=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=strict",
        "secure",
    }


def test_what_is_typed_comes_back_as_text_only(desk: Any, clerk: ClerkLogin) -> None:
    page = desk.type(desk.page(desk.push()), clerk, clerk='"><script>alert(1)</script>', password="pass\N{BULLET}word")
    assert "<script" not in _text(page)
    assert "&quot;&gt;&lt;script&gt;" in _text(page)
    assert "pass" not in _text(page).replace("password", "")


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.labelled: set[str] = set()
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.headings = 0
        self.mains = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "label":
            self.labelled.add(str(given["for"]))
        if tag == "input" and given.get("type") != "hidden":
            self.inputs[str(given["id"])] = given
        self.headings += tag == "h1"
        self.mains += tag == "main"


@pytest.mark.parametrize("way", ["sign-in", "strong", "code"])
def test_every_field_has_its_label_and_says_what_browsers_may_fill_in(desk: Any, way: str) -> None:
    page = desk.device_page() if way == "code" else desk.page(desk.push(**(STRONG if way == "strong" else {})))
    outline = _Outline()
    outline.feed(_text(page))
    assert outline.labelled == set(outline.inputs)
    assert (outline.headings, outline.mains) == (1, 1)
    assert all(given.get("autocomplete") for given in outline.inputs.values())


def test_a_visitor_with_fields_of_every_make_is_only_told_no(desk: Any, server: AuthorizationService) -> None:
    for fields in ({}, {"subject": ""}, {"subject": "\0", "csrf": "\0"}, {"request_uri": "x"}):
        assert server.sign_ins.submit(Visitor(fields, "", ""), desk.now).status_code == 400
        assert server.sign_ins.page(Visitor(fields, "", "\N{BULLET};q=x"), desk.now).status_code == 400
        assert server.sign_ins.submit_device(Visitor(fields, "", ""), desk.now).status_code == 400


def test_passwords_are_hashed_with_a_salt_and_at_a_cost(
    server: AuthorizationService, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mock_registers.authorization import clerks

    monkeypatch.undo()
    assert clerks._COST == {"n": 2**14, "r": 8, "p": 1}
    first, second = (clerks._row(login) for login in server.clerks.hire(clerks.INVENTED[:2]))
    assert first.salt != second.salt
    assert len(first.password_hash) == 32
