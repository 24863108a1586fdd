"""Settings: one frozen model out of TOML files, each refining the one before.

Built-in values < the machine's file < the user's file < the command line. A key that is unknown or malformed is
refused with its name, never passed over: a desk whose trust directory is misspelt must not start without trust.
"""

from __future__ import annotations

import base64
import os
import re
import ssl
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from auth.purposes import PurposeRegistry, load_registry, shipped_registry
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from desk.authorization_settings import AuthorizationSettings
from desk.gateway_settings import GATEWAY_FILES, GatewaySettings
from desk.language import Language
from desk.tls_settings import ClientCertificateSettings, ListFiles, anchor_tls_paths, lists_of
from reader.errors import DataError, MotCuaError

__all__ = [
    "DeviceSettings",
    "EnrolmentSettings",
    "RegisterSettings",
    "RepositorySettings",
    "Settings",
    "SettingsInvalid",
    "load_settings",
    "settings_files",
]

FILE_NAME = "motcua.toml"
MAX_FILE_BYTES = 1_000_000
Text = Annotated[str, Field(max_length=200)]
_CLERK_ID = re.compile(r"[!-~]{1,100}")
ClerkId = Annotated[str, Field(pattern=f"^({_CLERK_ID.pattern})?$")]


class SettingsInvalid(MotCuaError):
    """Say which entry of which settings file is wrong; never what stands there."""

    code = "settings-invalid"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class KeySettings(_Model):
    """A public key of a register: its id, and the key as base64 of the DER."""

    key_id: Text
    spki: Annotated[str, Field(max_length=1000)]

    def der(self) -> bytes:
        """Return the key; raise ValueError for what is no base64."""
        return base64.b64decode(self.spki, validate=True)


class RegisterSettings(_Model):
    """Where a register is and by what it is known; the shape that ``mock-registers serve`` prints.

    Profile "signed" is our own: the register signs with one of ``answer_keys``, and look-ups are sealed to the first
    of ``seal_keys``. "soap" is the population gateway of today, whose answers nobody signs: it has a ``gateway`` in the
    place of both. With ``tls_pins``, SHA-256 of public keys in hex, the server's TLS key must be one of them. With
    ``tls_crls``, files of revocation lists, its certificate must be covered by them. ``client_certificate`` is shown to
    a server that asks for one.
    """

    register_name: Annotated[str, Field(alias="register", pattern="^[a-z][a-z0-9-]{0,29}$")]
    base_url: Annotated[str, Field(pattern="^https://", max_length=500)]
    tls_anchors: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    tls_pins: Annotated[tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...], Field(max_length=4)] = ()
    tls_crls: ListFiles = ()
    client_certificate: ClientCertificateSettings | None = None
    profile: Literal["signed", "soap"] = "signed"
    answer_keys: Annotated[tuple[KeySettings, ...], Field(max_length=20)] = ()
    seal_keys: Annotated[tuple[KeySettings, ...], Field(max_length=20)] = ()
    gateway: GatewaySettings | None = None

    @model_validator(mode="after")
    def _whole(self) -> RegisterSettings:
        keys = (self.answer_keys, self.seal_keys)
        if self.profile == "signed" and (not all(keys) or self.gateway is not None):
            raise ValueError("the signed profile has answer keys, seal keys and no gateway")
        if self.profile == "soap" and (any(keys) or self.gateway is None or self.register_name != "population"):
            raise ValueError("the soap profile is the population register's, with a gateway and no keys")
        return self

    def endpoint(self) -> RegisterEndpoint:
        """Return the endpoint; raise SettingsInvalid for certificates or keys that are none."""
        try:
            anchors = tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in self.tls_anchors)
            answer_keys = tuple(AnswerKey(key.key_id, key.der()) for key in self.answer_keys)
            seal_keys = tuple(SealKey(key.key_id, key.der()) for key in self.seal_keys)
        except ValueError:
            raise SettingsInvalid(f"registers: {self.register_name}: no certificate or key") from None
        try:
            gateway = self.gateway.gateway() if self.gateway is not None else None
        except DataError as error:
            raise SettingsInvalid(f"registers: {self.register_name}: gateway: {error.what}") from None
        return RegisterEndpoint(
            self.register_name,
            self.base_url,
            anchors,
            answer_keys,
            gateway,
            seal_keys,
            tls_pins=tuple(bytes.fromhex(pin) for pin in self.tls_pins),
            tls_revocation=lists_of(self.tls_crls),
            client_certificate=self.client_certificate.certificate() if self.client_certificate else None,
        )


class DeviceSettings(_Model):
    """Who this computer is towards the registers: the folder that ``motcua enrol`` made, or an id and key files.

    With a ``folder``, ``passphrase_file`` takes the place of the file with the PIN or passphrase that was named at the
    enrolment. Without one, the keys lie in files under the passphrase of ``passphrase_file``: it signs with the key of
    ``key_file``; to that of ``opening_key_file`` the registers seal their answers. Without the last only a gateway can
    be asked.
    """

    id: Text = ""
    folder: Path | None = None
    key_file: Path | None = None
    passphrase_file: Path | None = None
    opening_key_file: Path | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> DeviceSettings:
        by_files = (self.id, self.key_file, self.passphrase_file)
        if self.folder is None and not all(by_files):
            raise ValueError("a folder, or an id with key_file and passphrase_file")
        if self.folder is not None and any((self.id, self.key_file, self.opening_key_file)):
            raise ValueError("a folder knows its id and its keys")
        return self

    def credential(self) -> DeviceCredential:
        """Load the keys of key files; raise SettingsInvalid where a file is missing or damaged."""
        # Imported here, since a desk without registers has no use for them.
        from auth.device import SoftwareSigner
        from auth.device_opener import SoftwareOpener

        if self.key_file is None or self.passphrase_file is None:
            raise SettingsInvalid("device: no key files")
        try:
            pem, passphrase = self.key_file.read_bytes(), self.passphrase_file.read_bytes().strip()
            signer, opener = SoftwareSigner.from_encrypted_pem(pem, passphrase), None
            if self.opening_key_file is not None:
                opener = SoftwareOpener.from_encrypted_pem(self.opening_key_file.read_bytes(), passphrase)
            return DeviceCredential(self.id, signer, opener)
        except OSError:
            raise SettingsInvalid("device: key or passphrase file cannot be read") from None
        except DataError:
            raise SettingsInvalid("device: key file damaged or passphrase wrong") from None


class EnrolmentSettings(_Model):
    """Where this computer becomes a device and asks how it stands; the shape that ``mock-registers serve`` prints.

    Certificates and keys may be left out where the trust store holds them (``desk.enrolment``).
    """

    base_url: Annotated[str, Field(pattern="^https://", max_length=500)]
    tls_anchors: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    answer_keys: Annotated[tuple[KeySettings, ...], Field(max_length=20)] = ()
    certificate_anchors: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    tls_crls: ListFiles = ()
    client_certificate: ClientCertificateSettings | None = None

    def endpoint(self) -> RegisterEndpoint:
        """Return the endpoint; raise SettingsInvalid for certificates or keys that are none."""
        try:
            anchors = tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in self.tls_anchors)
            certifies = tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in self.certificate_anchors)
            keys = tuple(AnswerKey(key.key_id, key.der()) for key in self.answer_keys)
        except ValueError:
            raise SettingsInvalid("enrolment: no certificate or key") from None
        return RegisterEndpoint(
            "enrolment",
            self.base_url,
            anchors,
            keys,
            certificate_anchors=certifies,
            tls_revocation=lists_of(self.tls_crls),
            client_certificate=self.client_certificate.certificate() if self.client_certificate else None,
        )


class RepositorySettings(_Model):
    """Where trust is published: a web server, with the certificates under which it is known (PEM)."""

    base_url: Annotated[str, Field(pattern="^https://", max_length=500)]
    tls_anchors: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]

    def anchors(self) -> tuple[bytes, ...]:
        """Return the certificates, DER; raise SettingsInvalid for what is none."""
        try:
            return tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in self.tls_anchors)
        except ValueError:
            raise SettingsInvalid("trust_repository: no certificate") from None


class Settings(_Model):
    """Everything that can be set for a desk; ``clerk_id`` is what the registers are told, ``clerk`` what is shown.

    Registers know clerks by ids; without one they are told ``clerk``, which then has to be one. With ``authorization``
    a clerk must sign in there, and is who is told and shown.

    A reading that was cut short goes on when the card is back within ``card_back_seconds``; with 0 it never does.
    ``purposes_file`` is the office's own registry of purposes (docs/purposes.md).

    Look-ups are recorded in the file ``ledger``, by default one of this device in the user's data folder, and stop
    where an act waits for a register's countersignature for more than ``ledger_hours``; with 0 they never do. Look-ups
    for a register that is away wait in the file ``outbox``, by default beside the ledger or in the user's data folder.
    ``offline_pages`` are kept for proofs of a card's presence while the verifier cannot be reached; with 0 there are
    none.
    """

    clerk: Text = ""
    clerk_id: ClerkId = ""
    counter: Text = ""
    purposes_file: Path | None = None
    purpose: Text = "land-change-registration"
    language: Language | None = None
    idle_seconds: Annotated[float, Field(ge=5, le=3600)] = 120.0
    card_back_seconds: Annotated[float, Field(ge=0, le=120)] = 20.0
    reader: Text = ""
    trust_directory: Path | None = None
    trust_store: Path | None = None
    trust_repository: RepositorySettings | None = None
    policy: Annotated[str, Field(pattern="^[a-z0-9]{1,60}$")] = "operational"
    policy_file: Path | None = None
    lookup_seconds: Annotated[float, Field(ge=1, le=120)] = 10.0
    device: DeviceSettings | None = None
    enrolment: EnrolmentSettings | None = None
    registers: tuple[RegisterSettings, ...] = ()
    authorization: AuthorizationSettings | None = None
    ledger: Path | None = None
    outbox: Path | None = None
    ledger_hours: Annotated[float, Field(ge=0, le=720)] = 24.0
    offline_pages: Annotated[int, Field(ge=0, le=200)] = 0

    @field_validator("purposes_file")
    @classmethod
    def _readable(cls, file: Path | None) -> Path | None:
        _registry(file)
        return file

    @field_validator("purpose")
    @classmethod
    def _known_purpose(cls, id: str, info: ValidationInfo) -> str:
        if "purposes_file" in info.data and not _registry(info.data["purposes_file"]).knows(id):
            raise ValueError("no such purpose")
        return id

    @field_validator("registers")
    @classmethod
    def _known_procedures(
        cls, registers: tuple[RegisterSettings, ...], info: ValidationInfo
    ) -> tuple[RegisterSettings, ...]:
        codes = {id for register in registers if register.gateway for id in register.gateway.procedure_codes}
        if "purposes_file" in info.data and not all(map(_registry(info.data["purposes_file"]).knows, codes)):
            raise ValueError("a procedure code for no purpose")
        return registers

    @property
    def names_clerk(self) -> bool:
        """Tell whether registers can be told who asks; with nobody set nothing is asked in anybody's name."""
        told = self.clerk_id or self.clerk
        return not told or self.authorization is not None or _CLERK_ID.fullmatch(told) is not None

    def purposes(self) -> PurposeRegistry:
        """Return the purposes of this desk: those of its own file, or the shipped ones."""
        return _registry(self.purposes_file)


def _registry(file: Path | None) -> PurposeRegistry:
    """Return the registry of ``file``, or the shipped one; raise ValueError for a file that is none."""
    try:
        return load_registry(file) if file is not None else shipped_registry()
    except DataError:
        raise ValueError("no registry of purposes") from None


def settings_files(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> tuple[Path, ...]:
    """Return where settings are looked for: the machine's file, then the user's."""
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or env.get("USERPROFILE") or ".")
    if platform == "win32":
        machine = Path(env.get("PROGRAMDATA", "C:/ProgramData")) / "MotCua"
        user = Path(env.get("APPDATA", home / "AppData" / "Roaming")) / "MotCua"
    elif platform == "darwin":
        machine = Path("/Library/Application Support/MotCua")
        user = home / "Library" / "Application Support" / "MotCua"
    else:
        machine = Path("/etc/motcua")
        user = Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "motcua"
    return machine / FILE_NAME, user / FILE_NAME


def load_settings(files: Iterable[Path] | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """Return the settings of ``files`` in their order, missing ones passed over, with ``overrides`` on top.

    An override of None is none. Relative paths in a file start at the file. Raise SettingsInvalid, which names the
    file and the entry.
    """
    merged: dict[str, Any] = {}
    source = "settings"
    for file in settings_files() if files is None else files:
        entries = _read(file)
        if entries:
            source = file.name
            merged.update(entries)
            _validate(merged, str(file))
    merged.update({key: value for key, value in (overrides or {}).items() if value is not None})
    return _validate(merged, source)


def _validate(entries: Mapping[str, Any], source: str) -> Settings:
    try:
        return Settings.model_validate(entries)
    except ValidationError as error:
        # Names of entries only: a value may be a secret.
        where = sorted({".".join(str(part) for part in problem["loc"]) for problem in error.errors()})
        raise SettingsInvalid(f"{source}: {', '.join(where)}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError:
        raise SettingsInvalid(f"{file}: cannot be read") from None
    if len(raw) > MAX_FILE_BYTES:
        raise SettingsInvalid(f"{file}: larger than {MAX_FILE_BYTES} bytes")
    try:
        entries = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsInvalid(f"{file}: not TOML") from None
    _anchor_paths(entries, file.parent)
    return entries


def _anchor_paths(entries: dict[str, Any], folder: Path) -> None:
    """Have relative paths start at the folder of the file that names them."""
    device = entries.get("device")
    tables: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        (entries, ("trust_directory", "trust_store", "policy_file", "purposes_file", "ledger", "outbox"))
    ]
    if isinstance(device, dict):
        tables.append((device, ("folder", "key_file", "passphrase_file", "opening_key_file")))
    for server in (*_registers(entries), entries.get("enrolment"), entries.get("authorization")):
        if isinstance(server, dict):
            anchor_tls_paths(server, folder)
    for gateway in _gateways(entries):
        tables.append((gateway, GATEWAY_FILES))
        if isinstance(gateway.get("basic"), dict):
            tables.append((gateway["basic"], ("secret_file",)))
    for table, names in tables:
        for name in names:
            if isinstance(table.get(name), str):
                table[name] = folder / table[name]


def _registers(entries: dict[str, Any]) -> list[dict[str, Any]]:
    registers = entries.get("registers")
    return [register for register in registers if isinstance(register, dict)] if isinstance(registers, list) else []


def _gateways(entries: dict[str, Any]) -> list[dict[str, Any]]:
    return [table["gateway"] for table in _registers(entries) if isinstance(table.get("gateway"), dict)]
