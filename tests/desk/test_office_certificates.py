"""The office's client certificates: what the settings name, what is said before they are over, what diagnose finds."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.device.errors import PassphraseRefused
from auth.device.keychain import Keychain
from desk.device_view import CertificateView, DeviceView, device_view
from desk.diagnosis import Finding, diagnose, words_of
from desk.kinds.installed import installed_kinds
from desk.language import Language, Phrase
from desk.office_certificates import certificate_view, certificates_of
from desk.settings import Settings, SettingsInvalid, load_settings
from desk.texts import Texts
from mock_registers.authority import TestAuthority

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LAND, POPULATION = "land", "population"
PASSPHRASE = b"a passphrase of the office"


@pytest.fixture
def authority() -> TestAuthority:
    return TestAuthority()


@pytest.fixture
def settings(tmp_path: Path, authority: TestAuthority) -> Callable[..., Settings]:
    """Return what makes settings for registers, one certificate for all of them, good for ``days``."""

    def make(days: float, *registers: str, passphrase: str = 'passphrase_file = "client.pass"') -> Settings:
        pems = authority.client_pems(PASSPHRASE, not_before=NOW - 30 * DAY, not_after=NOW + days * DAY)
        for name, content in (("pem", pems.certificate), ("key", pems.key), ("pass", PASSPHRASE)):
            (tmp_path / f"client.{name}").write_bytes(content)
            (tmp_path / f"client.{name}").chmod(0o600)
        (tmp_path / "authority.crl").write_bytes(authority.revocation_list())
        keys = '[{ key_id = "a", spki = "MFkw" }]'
        tables = "".join(
            f'[[registers]]\nregister = {json.dumps(register)}\nbase_url = "https://127.0.0.1:1"\n'
            f"tls_anchors = [{json.dumps(ssl.DER_cert_to_PEM_cert(authority.anchor))}]\n"
            f'tls_crls = ["authority.crl"]\nanswer_keys = {keys}\nseal_keys = {keys}\n'
            f"[registers.client_certificate]\n"
            f'certificate_file = "client.pem"\nkey_file = "client.key"\n{passphrase}\n'
            for register in registers
        )
        file = tmp_path / "motcua.toml"
        file.write_text(f"trust_store = {json.dumps(str(tmp_path / 'store'))}\n{tables}", encoding="utf-8")
        return load_settings((file,))

    return make


ELSEWHERE = {
    "authorization": 'issuer = "https://127.0.0.1:1/clerks"\n',
    "enrolment": 'base_url = "https://127.0.0.1:1/enrolment"\nanswer_keys = [{ key_id = "a", spki = "MFkw" }]\n',
}
TITLES = {"authorization": "the sign-in server", "enrolment": "the enrolment of devices"}


@pytest.fixture
def elsewhere(settings: Callable[..., Settings], tmp_path: Path, authority: TestAuthority) -> Callable[..., Settings]:
    """Return what makes settings whose one certificate, good for ``days``, is for the server of one section."""

    def make(section: str, days: float) -> Settings:
        settings(days)
        file = tmp_path / "motcua.toml"
        anchors = json.dumps([ssl.DER_cert_to_PEM_cert(authority.anchor)])
        with file.open("a", encoding="utf-8") as more:
            more.write(
                f"[{section}]\n{ELSEWHERE[section]}tls_anchors = {anchors}\n[{section}.client_certificate]\n"
                'certificate_file = "client.pem"\nkey_file = "client.key"\npassphrase_file = "client.pass"\n'
            )
        return load_settings((file,))

    return make


def _view(settings: Settings) -> CertificateView | None:
    return certificate_view(certificates_of(settings, installed_kinds()), NOW.timestamp())


def test_relative_files_start_at_the_settings_and_one_certificate_is_told_once(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (one,) = certificates_of(settings(9.5, LAND, POPULATION), installed_kinds())
    assert one.certificate.certificate_file == tmp_path / "client.pem"
    assert one.certificate.passphrase() == PASSPHRASE
    assert one.title.vi.count(",") == 1


@pytest.mark.parametrize(("days", "told"), [(15.5, None), (14.5, 14), (1.5, 1), (0.5, 0), (-0.5, -1)])
def test_two_weeks_before_it_is_over_it_is_told(
    settings: Callable[..., Settings], days: float, told: int | None
) -> None:
    view = _view(settings(days, LAND))
    assert (view.days_left if view is not None else None) == told


def test_a_certificate_that_cannot_be_read_is_told_too(settings: Callable[..., Settings], tmp_path: Path) -> None:
    made = settings(300, LAND)
    (tmp_path / "client.pem").unlink()
    view = _view(made)
    assert view is not None
    assert view.failure == "client-certificate-unusable"


def test_a_certificate_that_is_not_valid_yet_is_told_with_the_advice_to_look_at_the_date(
    settings: Callable[..., Settings], tmp_path: Path, authority: TestAuthority
) -> None:
    made = settings(300, LAND)
    pems = authority.client_pems(PASSPHRASE, not_before=NOW + DAY, not_after=NOW + 300 * DAY)
    (tmp_path / "client.pem").write_bytes(pems.certificate)
    (tmp_path / "client.key").write_bytes(pems.key)
    view = _view(made)
    assert view is not None
    assert view.failure == "client-certificate-out-of-time"
    assert "date and time" in Texts(Language.ENGLISH).device(DeviceView(certificate=view))
    assert certificate_view(certificates_of(made, installed_kinds()), (NOW + 2 * DAY).timestamp()) is None


def test_it_is_told_beside_the_devices_own_keys_and_without_a_device_too() -> None:
    certificate = CertificateView(Phrase("đất đai", "land"), 9)
    assert device_view(None) is None
    assert device_view(None, certificate) == DeviceView(certificate=certificate)


@pytest.mark.parametrize(
    ("view", "vietnamese", "english"),
    [
        (CertificateView(Phrase("đất đai", "land"), 9), "còn hiệu lực 9 ngày", "days left: 9"),
        (CertificateView(Phrase("đất đai", "land"), 0), "trong vòng một ngày", "within a day"),
        (CertificateView(Phrase("đất đai", "land"), -1), "đã hết hạn", "has expired"),
        (
            CertificateView(Phrase("đất đai", "land"), failure="client-certificate-unusable"),
            "Báo quản trị",
            "Tell your administrator",
        ),
    ],
)
def test_the_words_name_the_register_and_the_next_step(view: CertificateView, vietnamese: str, english: str) -> None:
    both = DeviceView(days_left=3, certificate=view)
    said, in_english = (Texts(language).device(both) for language in (Language.VIETNAMESE, Language.ENGLISH))
    assert vietnamese in said
    assert "đất đai" in said
    assert "3 ngày" in said, "the device's own key is due as well"
    assert english in in_english


def test_a_desk_says_it_before_the_first_citizen_comes_and_no_more_once_there_is_a_new_one(
    settings: Callable[..., Settings], bench_showing: Callable[..., Any]
) -> None:
    bench = bench_showing(*certificates_of(settings(9.5, LAND), installed_kinds()))
    view = bench.wait_for(lambda view: view.device is not None)
    assert view.device.certificate.days_left == 9
    bench.show()
    settings(300, LAND)
    bench.desk.next_citizen()
    assert bench.wait_for(lambda view: view.device is None)


def _found(settings: Settings) -> dict[str, Finding]:
    return {one.code: one for one in diagnose(settings, lambda: ()) if not one.ok}


def test_diagnose_finds_what_is_wrong_with_lists_and_certificate_without_calling_anybody(
    settings: Callable[..., Settings], authority: TestAuthority, tmp_path: Path
) -> None:
    codes = {"client-certificate-expires", "client-certificate-out-of-time", "register-crl-expired"}
    assert not codes & set(_found(settings(300, LAND)))
    assert _found(settings(5.5, LAND))["client-certificate-expires"].about == "5"
    over = _found(settings(-1, LAND))["client-certificate-out-of-time"]
    assert over.about == "land: client-certificate-expired"
    assert all(words_of(over, Texts(Language.VIETNAMESE)))
    made = settings(300, LAND)
    expired = authority.revocation_list(this_update=NOW - 9 * DAY, next_update=NOW - DAY)
    (tmp_path / "authority.crl").write_bytes(expired)
    assert _found(made)["register-crl-expired"].about == "land: tls-crl-expired"
    (tmp_path / "authority.crl").write_bytes(b"no list")
    assert _found(made)["register-crl-unusable"].about == "land: crl-malformed"
    (tmp_path / "authority.crl").write_bytes(authority.revocation_list())
    (tmp_path / "client.pass").chmod(0o644)
    assert "device-secret-file-unsafe" in _found(made)


@pytest.mark.parametrize("section", ["authorization", "enrolment"])
def test_that_of_a_server_with_a_section_of_its_own_is_warned_of_and_found_by_diagnose(
    elsewhere: Callable[..., Settings], section: str, tmp_path: Path
) -> None:
    made = elsewhere(section, 9.5)
    (one,) = certificates_of(made, installed_kinds())
    assert one.certificate.certificate_file == tmp_path / "client.pem"
    assert one.certificate.passphrase() == PASSPHRASE
    view = _view(made)
    assert view is not None
    assert (view.days_left, view.title.en) == (9, TITLES[section])
    assert _found(made)["client-certificate-expires"].about == "9"
    over = _found(elsewhere(section, -1))["client-certificate-out-of-time"]
    assert over.about == f"{section}: client-certificate-expired"
    assert _view(elsewhere(section, 300)) is None


class _Kept:
    """A keychain that keeps nothing but what it was told."""

    def __init__(self, kept: str | None) -> None:
        self._kept = kept

    def get_password(self, _service: str, username: str) -> str | None:
        return self._kept if username == "client-certificate" else None

    def set_password(self, _service: str, _username: str, _password: str) -> None:
        raise AssertionError("nothing is written")

    def delete_password(self, _service: str, _username: str) -> None:
        raise AssertionError("nothing is forgotten")


@pytest.mark.parametrize("kept", [PASSPHRASE.decode(), None], ids=["there", "not-there"])
def test_the_passphrase_may_lie_in_the_systems_keychain(settings: Callable[..., Settings], kept: str | None) -> None:
    (register,) = settings(300, LAND, passphrase='keychain = "client-certificate"').registers
    assert register.client_certificate is not None
    certificate = register.client_certificate.certificate(lambda: Keychain(lambda: _Kept(kept)))
    if kept is None:
        with pytest.raises(PassphraseRefused):
            certificate.passphrase()
    else:
        assert certificate.passphrase() == PASSPHRASE


@pytest.mark.parametrize("passphrase", ["", 'passphrase_file = "client.pass"\nkeychain = "client-certificate"'])
def test_the_passphrase_has_one_place(settings: Callable[..., Settings], passphrase: str) -> None:
    with pytest.raises(SettingsInvalid, match="client_certificate"):
        settings(300, LAND, passphrase=passphrase)
