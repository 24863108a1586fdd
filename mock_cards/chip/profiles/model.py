"""A chip profile as its TOML file has it, checked strictly, and made into a ``ChipProfile``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mock_cards.chip.profiles.announcing import announcing_atr, atr_info, directory
from mock_cards.profile import (
    ActiveKeySpec,
    ChipKeySpec,
    ChipProfile,
    LongRead,
    Manners,
    PaceOption,
    PastEnd,
    Tag84,
)
from mock_cards.protocols import Mapping, domain_by_id, pace_oid
from mock_cards.speed import ChipSpeed
from reader.crypto import CipherSuite, Curve, curve_by_name
from reader.errors import DataError

__all__ = ["ProfileFile"]

_CIPHERS = {
    "3DES": CipherSuite.TDES,
    "AES-128": CipherSuite.AES_128,
    "AES-192": CipherSuite.AES_192,
    "AES-256": CipherSuite.AES_256,
}
_RSA = "rsa-"
_RSA_BITS = range(1024, 4097, 8)

Cipher = Literal["3DES", "AES-128", "AES-192", "AES-256"]
StatusWord = Annotated[str, Field(pattern=r"^(6[0-9A-F]{3})?$")]
Bytes = Annotated[str, Field(pattern=r"^([0-9A-F]{2})*$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]*$", max_length=16)]
Tries = Annotated[int, Field(ge=0, le=15)]
Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Buffers(_Table):
    extended: bool = False
    command: Annotated[int, Field(ge=261, le=65_600)] = 261
    response: Annotated[int, Field(ge=258, le=65_600)] = 258
    announced: bool = True
    command_chaining: bool = False
    get_response: bool = False


class _Files(_Table):
    select_mf: bool = False
    directory: Literal["absent", "open", "closed"] = "absent"
    card_security: bool = False
    fingerprints: bool = False
    irises: bool = False
    emrtd: bool = True
    applications: tuple[Bytes, ...] = ()


class _Pace(_Table):
    mapping: Literal["generic", "integrated", "chip-authentication"] = "generic"
    cipher: Cipher
    parameters: int

    def option(self) -> PaceOption:
        suite, mapping, domain = _CIPHERS[self.cipher], Mapping(self.mapping), domain_by_id(self.parameters)
        return PaceOption(pace_oid(mapping, suite, domain), suite, domain, mapping)


class _Access(_Table):
    bac: bool = True
    pace: tuple[_Pace, ...] = ()
    tag_84: Literal["if-ambiguous", "refused", "required"] = "if-ambiguous"
    tag_84_missing: StatusWord = "6A80"
    can_tries: Tries = 0
    pin: Digits = ""
    pin_tries: Tries = 3
    puk: Digits = ""
    puk_tries: Tries = 10


class _ChipKey(_Table):
    cipher: Cipher
    parameters: int
    key_id: Annotated[int, Field(ge=0, le=255)] | None = None
    with_info: bool = True
    x942: bool = False

    def spec(self) -> ChipKeySpec:
        domain = domain_by_id(self.parameters)
        return ChipKeySpec(_CIPHERS[self.cipher], domain, self.key_id, self.with_info, self.x942)


class _ChipAuthentication(_Table):
    keys: tuple[_ChipKey, ...] = ()
    set_kat: bool = True
    set_at_for_3des: bool = True
    refused: StatusWord = ""
    again: StatusWord = ""


class _ActiveAuthentication(_Table):
    key: str = ""
    hash: Literal["sha1", "sha224", "sha256", "sha384", "sha512"] = "sha256"
    explicit_trailer: bool = False
    der: bool = False
    refused: StatusWord = ""
    answer_cut: bool = False
    answer_empty: bool = False

    def spec(self) -> ActiveKeySpec | None:
        if not self.key:
            return None
        if not self.key.startswith(_RSA):
            try:
                return ActiveKeySpec(curve_by_name(self.key), self.hash, self.explicit_trailer, self.der)
            except DataError:
                raise ValueError(f"no curve of the name {self.key}") from None
        bits = self.key.removeprefix(_RSA)
        if not bits.isdecimal() or int(bits) not in _RSA_BITS:
            raise ValueError("an RSA key has 1024 to 4096 bits, whole bytes")
        return ActiveKeySpec(int(bits), self.hash, self.explicit_trailer, self.der)


class _TerminalAuthentication(_Table):
    enabled: bool = False


class _Reading(_Table):
    sfi: bool = True
    odd: bool = True
    longest: Annotated[int, Field(ge=0, le=65_536)] = 0
    long_read: Literal["shorten", "6700", "6Cxx", "naked-6700"] = "shorten"
    past_end: Literal["6282", "9000", "6Cxx", "6282-unpadded"] = "6282"


class _Speed(_Table):
    per_command_ms: Milliseconds = 6.0
    per_byte_ms: Milliseconds = 0.002
    ec_256_ms: Milliseconds = 20.0
    rsa_2048_ms: Milliseconds = 120.0
    dh_2048_ms: Milliseconds = 60.0

    def speed(self) -> ChipSpeed:
        milliseconds = (self.per_command_ms, self.per_byte_ms, self.ec_256_ms, self.rsa_2048_ms, self.dh_2048_ms)
        return ChipSpeed(*(value / 1000 for value in milliseconds))


class ProfileFile(_Table):
    """Hold one file; every key is optional but ``about``, and none is there that is not named here."""

    about: Annotated[str, Field(min_length=1, max_length=200)]
    atr: Bytes = ""
    buffers: _Buffers = _Buffers()
    files: _Files = _Files()
    access: _Access = _Access()
    chip_authentication: _ChipAuthentication = _ChipAuthentication()
    active_authentication: _ActiveAuthentication = _ActiveAuthentication()
    terminal_authentication: _TerminalAuthentication = _TerminalAuthentication()
    reading: _Reading = _Reading()
    speed: _Speed | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse what no chip can be: ask for it by building the profile."""
        profile = self.profile("")
        if not profile.bac and not profile.pace:
            raise ValueError("a chip has BAC or PACE")
        ids = [key.key_id for key in profile.chip_keys]
        if len(ids) > 1 and (None in ids or len(set(ids)) < len(ids)):
            raise ValueError("of several keys for Chip Authentication each has a key_id of its own (9303-11 §9.2.5)")
        for option in profile.pace:
            if option.mapping is Mapping.CHIP_AUTHENTICATION and not _has_mapping_key(option, profile.chip_keys):
                raise ValueError("chip authentication mapping needs a key whose key_id is its parameters (§9.2.1)")
            on_curve = isinstance(option.domain, Curve)
            if option.mapping is Mapping.INTEGRATED and on_curve and option.domain.p % 4 != 3:
                raise ValueError("integrated mapping is not defined on that curve (9303-11 §9.5.1)")
        if profile.terminal_authentication and not profile.chip_keys:
            raise ValueError("Terminal Authentication needs Chip Authentication (9303-11 §7.1.1)")
        return self

    def profile(self, name: str) -> ChipProfile:
        """Return the profile; raise ValueError for a protocol that does not exist."""
        files, access, buffers = self.files, self.access, self.buffers
        told = buffers.extended and buffers.announced
        applications = tuple(bytes.fromhex(name) for name in files.applications)
        return ChipProfile(
            name=name,
            about=self.about,
            atr=bytes.fromhex(self.atr) or announcing_atr(extended=buffers.extended),
            select_mf=files.select_mf,
            extended=buffers.extended,
            max_command=buffers.command,
            max_response=buffers.response,
            atr_info=atr_info(buffers.command, buffers.response) if told else b"",
            directory=b"" if files.directory == "absent" else directory(applications),
            applications=applications,
            emrtd=files.emrtd,
            bac=access.bac,
            pace=tuple(one.option() for one in access.pace),
            chip_keys=tuple(one.spec() for one in self.chip_authentication.keys),
            active_key=self.active_authentication.spec(),
            terminal_authentication=self.terminal_authentication.enabled,
            fingerprints=files.fingerprints,
            irises=files.irises,
            card_security=files.card_security,
            pin=access.pin,
            puk=access.puk,
            can_tries=access.can_tries,
            pin_tries=access.pin_tries,
            puk_tries=access.puk_tries,
            manners=self._manners(),
            speed=self.speed.speed() if self.speed else None,
        )

    def _manners(self) -> Manners:
        reading, chip, active = self.reading, self.chip_authentication, self.active_authentication
        return Manners(
            sfi=reading.sfi,
            odd_read=reading.odd,
            longest_read=reading.longest,
            long_read=LongRead(reading.long_read),
            past_end=PastEnd(reading.past_end),
            get_response=self.buffers.get_response,
            command_chaining=self.buffers.command_chaining,
            directory_open=self.files.directory != "closed",
            tag_84=Tag84(self.access.tag_84),
            tag_84_missing=int(self.access.tag_84_missing, 16),
            set_kat=chip.set_kat,
            set_at_for_3des=chip.set_at_for_3des,
            chip_authentication_refused=int(chip.refused or "0", 16),
            chip_authentication_again=int(chip.again or "0", 16),
            active_authentication_refused=int(active.refused or "0", 16),
            active_answer_cut=active.answer_cut,
            active_answer_empty=active.answer_empty,
        )


def _has_mapping_key(option: PaceOption, keys: tuple[ChipKeySpec, ...]) -> bool:
    return any(key.domain == option.domain and key.key_id == option.domain.parameter_id for key in keys)
