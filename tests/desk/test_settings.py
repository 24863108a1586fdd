"""Settings: built-in < machine < user < command line; what is wrong is refused by name and never shown."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.purposes import shipped_registry
from auth.wire import DeviceCredential
from desk.assembly import desk_on_pcsc, policy_of, surroundings_of, trust_of
from desk.language import Language
from desk.registers_assembly import registers_of
from desk.settings import Settings, SettingsInvalid, load_settings, settings_files
from reader.inspection.policy import Policy


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return tmp_path / "machine.toml"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "user.toml"


def test_without_files_the_built_in_values_hold(machine: Path, user: Path) -> None:
    assert load_settings((machine, user)) == Settings()
    assert Settings().purpose == "land-change-registration"


def test_each_file_refines_the_one_before_and_the_command_line_comes_last(machine: Path, user: Path) -> None:
    machine.write_text('counter = "Quầy 1"\nclerk = "A"\nidle_seconds = 60\n', encoding="utf-8")
    user.write_text('clerk = "B"\nlanguage = "vi"\n', encoding="utf-8")
    settings = load_settings((machine, user), {"clerk": None, "language": "en"})
    assert (settings.counter, settings.clerk, settings.idle_seconds) == ("Quầy 1", "B", 60)
    assert settings.language is Language.ENGLISH


def test_relative_paths_start_at_the_file_that_names_them(machine: Path) -> None:
    machine.write_text('trust_directory = "trust"\npolicy_file = "own.toml"\n', encoding="utf-8")
    settings = load_settings((machine,))
    assert settings.trust_directory == machine.parent / "trust"
    assert settings.policy_file == machine.parent / "own.toml"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('trust_directry = "x"', "trust_directry"),
        ("idle_seconds = 0", "idle_seconds"),
        ('purpose = "curiosity"', "purpose"),
        ('language = "fr"', "language"),
        ('[[registers]]\nregister = "housing"\nbase_url = "http://x"', "registers.0.base_url"),
        ('[device]\nid = "secret-device-name"', "device"),
        ('clerk_id = "Nguyễn Văn Mẫu"', "clerk_id"),
        ("clerk = [", "not TOML"),
        ("# " + "x" * 1_000_001, "larger than"),
    ],
)
def test_a_mistake_is_refused_by_the_name_of_its_entry(machine: Path, text: str, entry: str) -> None:
    machine.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings((machine,))
    assert entry in str(refused.value)
    assert "machine.toml" in str(refused.value)
    assert "secret-device-name" not in str(refused.value)


PERMIT = """
version = "1"
[[purpose]]
id = "permit"
name = { vi = "Giấy phép", en = "Permit" }
legal_basis = "Luật mẫu"
basis = "statute"
keep_days = 1
asks = { population = { fields = ["full_name"] } }
[purpose.wording]
version = "1"
vi = { what_for = "Cấp giấy phép cho ông/bà.", refusal = "Không cần ông/bà đồng ý." }
en = { what_for = "You are given a permit.", refusal = "Consent is not needed." }
"""


def test_an_offices_own_purposes_stand_in_a_file_beside_the_settings(machine: Path) -> None:
    machine.write_text('purposes_file = "purposes.toml"\npurpose = "permit"\n', encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="purposes_file"):
        load_settings((machine,))
    file = machine.parent / "purposes.toml"
    file.write_text(PERMIT, encoding="utf-8")
    settings = load_settings((machine,))
    assert [known.id for known in settings.purposes().purposes] == ["permit"]
    assert surroundings_of(settings).purposes == settings.purposes()
    assert Settings().purposes() == shipped_registry()


def test_a_purpose_or_a_procedure_code_that_the_offices_file_does_not_know_is_refused(machine: Path) -> None:
    (machine.parent / "purposes.toml").write_text(PERMIT, encoding="utf-8")
    machine.write_text('purposes_file = "purposes.toml"\n', encoding="utf-8")
    # The one that a desk begins with when nothing is set is not among them.
    with pytest.raises(SettingsInvalid, match="purpose"):
        load_settings((machine,), {"purpose": "land-change-registration"})
    gateway = """purpose = "permit"
purposes_file = "purposes.toml"
[[registers]]
register = "population"
profile = "soap"
base_url = "https://gateway.example"
tls_anchors = ["x"]
[registers.gateway]
procedure_codes = { permanent-residence = "1.1" }
"""
    machine.write_text(gateway, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="registers"):
        load_settings((machine,))
    machine.write_text(gateway.replace("permanent-residence", "permit"), encoding="utf-8")
    assert load_settings((machine,)).registers[0].gateway is not None


REGISTER = """
[[registers]]
register = "population"
profile = "soap"
base_url = "https://gateway.example"
tls_anchors = ["x"]
[registers.gateway]
procedure_codes = { permanent-residence = "1.1" }
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('clerk = "Nguyễn Thị Cán Bộ"', False),
        ('clerk = "Nguyễn Thị Cán Bộ"\nclerk_id = "cb-001"', True),
        ('clerk = "cb-001"', True),
        ('counter = "Quầy 3"', True),
    ],
    ids=["a-name-alone", "a-name-with-an-id", "an-id-alone", "nobody"],
)
def test_registers_are_told_a_clerks_id_and_no_name(machine: Path, text: str, *, named: bool) -> None:
    machine.write_text(f"{text}\n{REGISTER}", encoding="utf-8")
    settings = load_settings((machine,))  # what asks no register works with any: a diagnosis, the daily rotation
    assert settings.names_clerk is named
    device = DeviceCredential("desk-1", SoftwareSigner.generate(), SoftwareOpener.generate())
    if named:
        registers_of(settings, (), device).close()
    else:
        with pytest.raises(SettingsInvalid, match=r"^clerk_id: ") as refused:
            registers_of(settings, (), device)
        assert "Nguyễn" not in str(refused.value)
        assert load_settings((machine,), {"clerk_id": "cb-001"}).names_clerk


def test_bytes_that_are_no_text_are_refused(machine: Path) -> None:
    machine.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsInvalid):
        load_settings((machine,))


@pytest.mark.parametrize(
    ("platform", "environment", "machine_part", "user_part"),
    [
        ("linux", {"HOME": "/home/a"}, "/etc/motcua", "/home/a/.config/motcua"),
        ("linux", {"HOME": "/home/a", "XDG_CONFIG_HOME": "/cfg"}, "/etc/motcua", "/cfg/motcua"),
        ("darwin", {"HOME": "/Users/a"}, "Application Support/MotCua", "/Users/a/Library"),
        ("win32", {"PROGRAMDATA": "P", "APPDATA": "R"}, "P", "R"),
    ],
)
def test_settings_are_looked_for_where_the_system_keeps_them(
    platform: str, environment: dict[str, str], machine_part: str, user_part: str
) -> None:
    found = settings_files(environment, platform)
    assert machine_part in found[0].as_posix()
    assert user_part in found[1].as_posix()


def test_a_register_in_the_shape_that_the_sandbox_prints_becomes_an_endpoint() -> None:
    settings = Settings.model_validate(
        {
            "registers": [
                {
                    "register": "population",
                    "base_url": "https://127.0.0.1:1/population",
                    "tls_anchors": [ssl.DER_cert_to_PEM_cert(b"certificate")],
                    "answer_keys": [{"key_id": "k", "spki": base64.b64encode(b"key").decode()}],
                    "seal_keys": [{"key_id": "s", "spki": base64.b64encode(b"seal").decode()}],
                    "tls_pins": ["ab" * 32],
                }
            ]
        }
    )
    endpoint = settings.registers[0].endpoint()
    assert (endpoint.register, endpoint.tls_anchors, endpoint.answer_keys[0].spki) == (
        "population",
        (b"certificate",),
        b"key",
    )
    assert [(key.key_id, key.spki) for key in endpoint.seal_keys] == [("s", b"seal")]
    assert endpoint.tls_pins == (b"\xab" * 32,)


@pytest.mark.parametrize(
    "change",
    [
        {"tls_anchors": ["no certificate"]},
        {"answer_keys": [{"key_id": "k", "spki": "%"}]},
        {"seal_keys": [{"key_id": "k", "spki": "%"}]},
    ],
)
def test_a_register_with_damaged_keys_is_refused(change: dict[str, object]) -> None:
    said: dict[str, object] = {
        "register": "land",
        "base_url": "https://127.0.0.1:1/land",
        "tls_anchors": [ssl.DER_cert_to_PEM_cert(b"certificate")],
        "answer_keys": [{"key_id": "k", "spki": "AAAA"}],
        "seal_keys": [{"key_id": "s", "spki": "AAAA"}],
    }
    settings = Settings.model_validate({"registers": [{**said, **change}]})
    with pytest.raises(SettingsInvalid, match="land"):
        settings.registers[0].endpoint()


def test_the_device_key_is_loaded_under_its_passphrase_and_nothing_else(tmp_path: Path) -> None:
    signer = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "key.pem").write_bytes(signer.to_encrypted_pem(b"correct horse"))
    (tmp_path / "pass").write_text("correct horse\n", encoding="utf-8")
    (tmp_path / "wrong").write_text("wrong", encoding="utf-8")
    machine = tmp_path / "motcua.toml"
    for name in ("pass", "wrong", "missing"):
        machine.write_text(f'[device]\nid = "desk-1"\nkey_file = "key.pem"\npassphrase_file = "{name}"\n', "utf-8")
        device = load_settings((machine,)).device
        assert device is not None
        if name == "pass":
            assert device.credential().signer.key_id == signer.key_id
        else:
            with pytest.raises(SettingsInvalid):
                device.credential()


def test_registers_without_a_device_key_are_refused() -> None:
    register = {
        "register": "land",
        "base_url": "https://127.0.0.1:1/land",
        "tls_anchors": ["x"],
        "answer_keys": [{"key_id": "k", "spki": "AAAA"}],
        "seal_keys": [{"key_id": "s", "spki": "AAAA"}],
    }
    with pytest.raises(SettingsInvalid, match="device"):
        desk_on_pcsc(Settings.model_validate({"registers": [register]}))


def test_a_trust_directory_that_is_not_there_is_no_empty_trust(tmp_path: Path) -> None:
    assert len(trust_of(Settings()).anchors) == 0
    with pytest.raises(SettingsInvalid):
        trust_of(Settings(trust_directory=tmp_path / "missing"))


def test_the_policy_is_the_shipped_one_or_a_whole_file(tmp_path: Path) -> None:
    assert policy_of(Settings()) == Policy.shipped()
    own = tmp_path / "own.toml"
    own.write_text('name = "mine"\n', encoding="utf-8")
    for settings in (Settings(policy="nonesuch"), Settings(policy_file=own)):
        with pytest.raises(SettingsInvalid):
            policy_of(settings)
