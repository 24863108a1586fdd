"""``motcua enrol``: make this computer a device that the registers know, see how it stands, rotate its keys."""

from __future__ import annotations

import getpass
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from auth.device.enrolling import Applicant, Enrolment, ask_again, begin_enrolment, code_of
from auth.device.errors import DeviceError, DeviceNotActive, FormerKeysNeeded, PassphraseRefused
from auth.device.keeper import DeviceKeeper
from auth.device.keys import IN_TOKEN, KeyStore, StoreKind
from auth.device.opening import open_store
from auth.device.record import DeviceFolder, DeviceRecord, StorePlace, default_device_folder
from auth.device.rotating import days_left, rotate
from auth.device.secrets import Secret, secret_from_descriptor, secret_from_file, secret_from_prompt
from auth.device.states import DeviceState
from auth.device.status import Standing
from auth.errors import OutboxUnusable, RegisterError
from auth.wire.endpoint import RegisterEndpoint
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.device import export_ledger, sealed_files
from desk.enrolment import enrolment_endpoint
from desk.exit_codes import ExitCode
from desk.settings import DeviceSettings
from desk.waiting_assembly import queue_needs, reseal_queue
from desk.words.enrol_words import ENROL_LINES, STATES, STORES
from reader.errors import MotCuaError

__all__ = ["enrol"]

POLL_SECONDS = 5.0
_NEWS = (DeviceState.ACTIVE, DeviceState.SUSPENDED, DeviceState.REVOKED)

StoreOption = Annotated[
    StoreKind | None,
    typer.Option("--store", help="Where the keys live: in a token, or in files sealed by keychain or passphrase."),
]
ModuleOption = Annotated[
    Path | None, typer.Option("--module", metavar="FILE", help="The token's PKCS#11 module (.so, .dll, .dylib).")
]
TokenOption = Annotated[str, typer.Option("--token", metavar="LABEL", help="The token's label.")]
SecretFileOption = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="A file with the PIN or passphrase that its owner alone reads; the desk will read it too. Else asked.",
    ),
]
SecretFdOption = Annotated[
    int | None, typer.Option("--secret-fd", min=0, metavar="N", help="Read PIN or passphrase from this descriptor.")
]
OfficeOption = Annotated[str, typer.Option("--office", help="The office, as the registrar shall read it.")]
CounterOption = Annotated[str, typer.Option("--counter", help="The counter; by default the settings'.")]
WaitOption = Annotated[
    float, typer.Option("--wait", min=0, max=86_400, metavar="SECONDS", help="Wait so long to be approved.")
]
StatusOption = Annotated[bool, typer.Option("--status", help="Tell how this computer stands, asking the service.")]
RotateOption = Annotated[bool, typer.Option("--rotate", help="Put new keys in the place of the present ones.")]
IfDueOption = Annotated[bool, typer.Option("--if-due", help="With --rotate: only where they are 90 days old.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON to standard output.")]
FolderOption = Annotated[
    Path | None, typer.Option("--folder", metavar="FOLDER", help="The device's folder, in place of the user's own.")
]


def enrol(
    store: StoreOption = None,
    module: ModuleOption = None,
    token: TokenOption = "",
    secret_file: SecretFileOption = None,
    secret_fd: SecretFdOption = None,
    office: OfficeOption = "",
    counter: CounterOption = "",
    wait: WaitOption = 0.0,
    status: StatusOption = False,
    rotate_keys: RotateOption = False,
    if_due: IfDueOption = False,
    as_json: JsonOption = False,
    folder: FolderOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Make this computer a device that the registers know, and see how it stands.

    In a token:  motcua enrol --store pkcs11 --module /usr/lib/softhsm/libsofthsm2.so --token desk --office OFFICE

    In a TPM:  the same with --store pkcs11-sealed (it holds the key that signs, and seals the one that opens).

    Without one:  motcua enrol --store keychain --office OFFICE  (the system's keychain seals the keys), or
    --store passphrase. What you choose is what is used: nothing weaker takes its place, and no key is ever on the disk
    in the clear.

    It shows twelve digits. Read them out to the registrar, who compares them with what the register shows and approves.
    Then run it again, or have it --wait: from then on `motcua desk` looks up as this device. Interrupted, it goes on
    with the same keys.

    Every 90 days, or daily by whatever runs commands daily:  motcua enrol --rotate --if-due

    What waits in the queue is sealed to these keys, and is sealed to the present ones first. Where that cannot be, as
    beside an open desk that works with the former ones, nothing is rotated, and the present keys go on to serve.

    The service's address, certificate and key stand in the settings, table [enrolment]. A PIN or passphrase is asked
    for, or comes from a file or a descriptor, never from the command line.

    Exit codes: 0 active, or rotated; 10 pending, suspended, not confirmed lately, or not to be rotated yet; 20 revoked
    or wiped; 5 the service gave no answer to be believed; 4 the keys cannot be used; 2 usage.
    """
    if (status and rotate_keys) or (if_due and not rotate_keys) or (secret_file is not None and secret_fd is not None):
        raise typer.BadParameter("--status or --rotate, --if-due with --rotate, --secret-file or --secret-fd")
    session = open_session(language, "", settings_file)
    here = _Here(session, folder, as_json)
    here.secret = _secret(secret_file, secret_fd)
    with here.catching():
        record = here.folder.read()
        if record is None:
            if status or rotate_keys:
                session.fail("device-not-enrolled", ExitCode.CARD_TROUBLE)
            place = _place(here, store, module, token, secret_file)
            applicant = _applicant(here, office, counter)
        else:
            place = record.place
            if store not in (None, place.kind):
                raise typer.BadParameter(f"the keys of this computer live in {place.kind}", param_hint="--store")
            applicant = Applicant(record.office, record.counter, _software())
        keys = here.open(place)
        try:
            if rotate_keys:
                _rotate(here, keys, if_due=if_due)
            elif not status:
                _enrol(here, place, keys, applicant, wait)
            _tell_standing(here, keys)
        finally:
            keys.close()


@dataclass
class _Here:
    """Hold what the command works on."""

    session: Session
    named: Path | None
    as_json: bool
    secret: Secret | None = None

    @property
    def folder(self) -> DeviceFolder:
        device = self.session.settings.device
        by_settings = device.folder if isinstance(device, DeviceSettings) else None
        return DeviceFolder(self.named or by_settings or default_device_folder())

    @property
    def endpoint(self) -> RegisterEndpoint:
        if self.session.settings.enrolment is None:
            typer.echo(ENROL_LINES["no-service"].text(self.session.texts.language), err=True)
            raise typer.Exit(ExitCode.USAGE)
        return enrolment_endpoint(self.session.settings)

    def say(self, line: str, **arguments: object) -> None:
        typer.echo(ENROL_LINES[line].text(self.session.texts.language, **arguments), err=self.as_json)

    def open(self, place: StorePlace) -> KeyStore:
        """Open the store with the secret that was given, the file's, or one that is typed."""
        secret = self.secret
        settings = self.session.settings.device
        by_settings = settings.passphrase_file if settings is not None and settings.folder is not None else None
        if secret is None and by_settings is not None:
            secret = secret_from_file(by_settings)
        if secret is None and place.kind is not StoreKind.KEYCHAIN and not place.secret_file:
            secret = secret_from_prompt(lambda: self._type(place.kind))
        return open_store(self.folder.path, place, secret)

    def catching(self) -> _Catching:
        return _Catching(self.session)

    def _type(self, kind: StoreKind) -> str:
        if not sys.stdin.isatty():
            raise PassphraseRefused("no terminal to ask at")
        language = self.session.texts.language
        if kind in IN_TOKEN:
            return getpass.getpass(ENROL_LINES["ask-pin"].text(language))
        typed = getpass.getpass(ENROL_LINES["ask-passphrase"].text(language))
        if self.folder.read() is None and getpass.getpass(ENROL_LINES["ask-again"].text(language)) != typed:
            raise PassphraseRefused("typed in two ways")
        return typed


@dataclass
class _Catching:
    """End the command with a failure's words and its exit code."""

    session: Session

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Turn an error of our tree into the end of the command."""
        if isinstance(error, MotCuaError):
            _fail(self.session, error)


def _fail(session: Session, error: MotCuaError) -> NoReturn:
    """End the command: 20 or 10 for how the device stands, 5 without the service's word, 4 without a key."""
    detail = error.why if isinstance(error, DeviceError | RegisterError) else ""
    exit_code = ExitCode.CARD_TROUBLE
    if isinstance(error, RegisterError) or error.code == "device-enrolment-failed":
        exit_code = ExitCode.REGISTER_SILENT
    elif isinstance(error, DeviceNotActive):
        exit_code = ExitCode.STOP if error.code in ("device-revoked", "device-wiped") else ExitCode.ATTENTION
    elif isinstance(error, FormerKeysNeeded):
        exit_code = ExitCode.ATTENTION
    elif error.code == "settings-invalid":
        exit_code, detail = ExitCode.USAGE, str(error)
    session.fail(error.code, exit_code, detail=detail)


def _secret(file: Path | None, descriptor: int | None) -> Secret | None:
    if file is not None:
        return secret_from_file(file)
    return secret_from_descriptor(descriptor) if descriptor is not None else None


def _place(here: _Here, store: StoreKind | None, module: Path | None, token: str, file: Path | None) -> StorePlace:
    """Return where the keys shall live; end the command where nobody says so and nobody can be asked."""
    if store is None:
        here.say("which-store")
        if not sys.stdin.isatty():
            raise typer.Exit(ExitCode.USAGE)
        store = StoreKind(_asked("--store", lambda answer: answer in tuple(StoreKind)))
    if (store in IN_TOKEN) != (module is not None and bool(token)):
        raise typer.BadParameter("--store pkcs11 and pkcs11-sealed go with --module and --token", param_hint="--store")
    secret_file = str(file.absolute()) if file is not None and store is not StoreKind.KEYCHAIN else ""
    return StorePlace(
        kind=store, module=str(module.absolute()) if module is not None else "", token=token, secret_file=secret_file
    )


def _applicant(here: _Here, office: str, counter: str) -> Applicant:
    """Return who asks to be enrolled; end the command where nobody says so and nobody can be asked."""
    counter = counter or here.session.settings.counter
    if not (office and counter) and not sys.stdin.isatty():
        raise typer.BadParameter("--office and --counter: the registrar must know whose computer it is")
    office = office or _asked("--office", bool)
    counter = counter or _asked("--counter", bool)
    if len(office) > 100 or len(counter) > 100:
        raise typer.BadParameter("100 characters at most", param_hint="--office, --counter")
    return Applicant(office, counter, _software())


def _asked(name: str, good: Callable[[str], bool]) -> str:
    answer = ""
    while not good(answer):
        answer = typer.prompt(name, default="", show_default=False, err=True).strip()
    return answer


def _software() -> str:
    return f"motcua {version('motcua')}"


def _enrol(here: _Here, place: StorePlace, keys: KeyStore, applicant: Applicant, wait: float) -> None:
    here.say("keys-live", place=STORES[place.kind].text(here.session.texts.language))
    until = time.monotonic() + wait
    enrolment = begin_enrolment(here.folder, place, keys, here.endpoint, applicant)
    _show_code(here, enrolment)
    while enrolment.state is DeviceState.PENDING and time.monotonic() < until:
        threading.Event().wait(min(POLL_SECONDS, max(until - time.monotonic(), 0.0)))
        enrolment = ask_again(here.folder, keys, here.endpoint)
    if here.named is not None and here.named != default_device_folder():
        here.say("settings", folder=json.dumps(str(here.named.absolute())))


def _show_code(here: _Here, enrolment: Enrolment) -> None:
    if enrolment.state is DeviceState.PENDING:
        here.say("code", code=enrolment.code)
        here.say("read-out")


def _rotate(here: _Here, keys: KeyStore, *, if_due: bool) -> None:
    record = here.folder.read()
    if if_due and record is not None and record.next is None and days_left(record, time.time()) > 0:
        here.say("not-due")
        return
    trouble = _reseal(here, keys, record)
    try:
        rotated = rotate(here.folder, keys, here.endpoint, needed=partial(queue_needs, here.session.settings))
    except FormerKeysNeeded as error:
        raise FormerKeysNeeded(trouble or error.why) from None
    here.say("rotated", until=_day(rotated.previous_until))


def _reseal(here: _Here, keys: KeyStore, record: DeviceRecord | None) -> str:
    """Seal the queue to the present key as a desk does at its start, for the former one will be destroyed.

    Return why that cannot be, "" where nothing stands in the way.
    """
    if record is None or record.previous is None:
        return ""
    try:
        opener, former = (keys.opener(pair.opening) for pair in (record.keys, record.previous))
        reseal_queue(here.session.settings, record.device_id, opener, former)
    except (OutboxUnusable, DeviceError) as error:
        return error.why
    return ""


def _tell_standing(here: _Here, keys: KeyStore) -> None:
    """Ask for the status list, do what it says, and end the command with the exit code of how the device stands."""
    settings = here.session.settings
    keeper = DeviceKeeper(
        here.folder,
        keys,
        here.endpoint,
        sealed_files=lambda: sealed_files(settings, here.folder),
        export_ledger=lambda: export_ledger(settings, here.folder),
        # Until the queue is sealed to the new keys, the former ones are the only way in.
        needed=partial(queue_needs, settings),
    )
    try:
        standing = keeper.refresh()
        trouble: MotCuaError | None = None
    except (RegisterError, DeviceError) as error:
        standing, trouble = keeper.standing(), error
    record = here.folder.read()
    if record is not None:
        _show_standing(here, record, standing)
    if trouble is not None:
        _fail(here.session, trouble)
    standing.require_lookup()
    if here.folder.path == default_device_folder() or here.session.settings.device is not None:
        here.say("ready")


def _show_standing(here: _Here, record: DeviceRecord, standing: Standing) -> None:
    state = standing.state
    left = days_left(record, time.time())
    if here.as_json:
        _write_json(record, standing, left)
        return
    here.say("device", device=record.device_id or "–")
    here.say("state", state=STATES[state].text(here.session.texts.language) if state is not None else "–")
    if standing.confirmed is not None:
        here.say("confirmed", when=standing.confirmed.astimezone().strftime("%Y-%m-%d %H:%M"))
    elif state in _NEWS:
        here.say("never-confirmed")
    if record.next is not None:
        here.say("unfinished")
    elif state is DeviceState.ACTIVE:
        here.say("due-in" if left > 0 else "overdue", days=left)


def _write_json(record: DeviceRecord, standing: Standing, left: int) -> None:
    pending = standing.state is DeviceState.PENDING and bool(record.device_id)
    said = {
        "schema": 1,
        "device": record.device_id or None,
        "state": standing.state,
        "fresh": standing.fresh,
        "confirmed": standing.confirmed.isoformat() if standing.confirmed is not None else None,
        "code": code_of(record) if pending else None,
        "store": record.place.kind,
        "key_id": record.keys.signing,
        "rotate_in_days": left,
        "rotation_unfinished": record.next is not None,
    }
    sys.stdout.write(json.dumps(said, indent=2) + "\n")


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone().strftime("%Y-%m-%d")
