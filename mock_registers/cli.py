"""The command ``mock-registers``."""

from __future__ import annotations

import base64
import json
import re
import signal
import ssl
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device.messages import ENROLMENT
from auth.wire.endpoint import AnswerKey, RegisterEndpoint, SealKey
from auth.wire.thumbprint import thumbprint
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.sandbox import AuthorizationSandbox
from mock_registers.cli_database import URL_VARIABLE, database_commands, fill_command
from mock_registers.database_errors import DatabaseTrouble
from mock_registers.enrolment.cli import devices_app
from mock_registers.faults import Fault
from mock_registers.gate import EnrolledDevice
from mock_registers.kept_keys import KEYS_FILE, kept_keys
from mock_registers.sandbox import published_contract, serve_registers
from mock_registers.soap_faults import SoapFault
from mock_registers.soap_settings import gateway_settings
from mock_registers.soap_variants import VARIANTS
from mock_registers.storage import IN_MEMORY
from mock_registers.tls import TlsFault, tls_settings
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["app", "main"]

_MAX_CERTIFICATE = 16_384
_PEM_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n?", re.DOTALL)
_FAULTS = "\n\n".join(f"- {fault}: {fault.about}" for fault in Fault)
_SIGN_IN_FAULTS = "\n\n".join(f"- authorization:{fault}: {fault.about}" for fault in AuthorizationFault)
_TLS_FAULTS = "\n\n".join(f"- tls:{fault}: {fault.about}" for fault in TlsFault)
_SOAP_FAULTS = "\n\n".join(f"- gateway:{fault}: {fault.about}" for fault in SoapFault)
_GATEWAYS = "\n\n".join(f"- {variant.name}: {variant.about}" for variant in VARIANTS.values())
_HELP = f"""Serve the sandbox registers on 127.0.0.1 until interrupted.

Population, land and housing listen on one port, over TLS under a test authority made at start. When they listen, one
line of JSON goes to standard output: for each register its base_url, the TLS anchor to trust (PEM), the keys it signs
its answers with, and the keys to which look-ups are sealed. Every request must be signed by a device given with
--device; who is not may ask to be enrolled where "enrolment" says, and `mock-registers devices` decides; nobody else is
answered. The device's FILE holds two public keys in PEM: first the one that it signs with, then the one to which its
answers are sealed.

With --keys all these keys and the authority are kept in {KEYS_FILE} of a folder: made at the first start, the same ones
after, so that with the same --port what a desk's settings say of the registers holds. Several may serve with one
folder. The authority is good for a year and made anew when that is over. Devices that were enrolled, and the authority
of their office, lie in the database: keep it with --database-url. Test keys, in the clear, for this user alone.

The people in it are the personas of mock-cards list, all under the province code 099 that no province has.

Faults, for one register (land:hangs) or all of them (hangs):

{_FAULTS}

Of their TLS, which all registers share:

{_TLS_FAULTS}

With --tls-folder the authority's revocation list is written there, and the line of JSON names the file. With
--client-certificates the registers answer nobody who shows no TLS certificate of the same authority; one for the desk
is written there too, with its key and the passphrase for it.

With --soap the population register is reached as it is today, through a SOAP 1.1 gateway that signs nothing. Secrets
and names of codes are written into the folder of --soap-folder, and the line of JSON names the files. Gateways:

{_GATEWAYS}

Faults of a gateway:

{_SOAP_FAULTS}

With --clerks an authorization server is served too, and look-ups need a clerk who signed in there. The clerks are
invented; their passwords, and the secrets of their one-time codes for an authenticator app, are made at start and stand
in the line of JSON, beside what a desk's settings need. Its faults:

{_SIGN_IN_FAULTS}
"""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(database_commands)
app.command(name="fill")(fill_command)


app.add_typer(devices_app, name="devices")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mock-registers {version('motcua')}")
        raise typer.Exit


@app.callback()
def _sandbox(
    shown: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Say which version this is.")
    ] = False,
) -> None:
    """Run the sandbox registers of Một Cửa: invented people, real TLS, real signatures."""


@app.command(help=_HELP)
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 lets the system choose.")] = 0,
    database_url: Annotated[
        str,
        typer.Option(
            envvar=URL_VARIABLE,
            help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; the personas are written into it.",
        ),
    ] = IN_MEMORY,
    fault: Annotated[str, typer.Option(help="NAME or REGISTER:NAME from the list above.")] = "",
    persona: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A person of your own who is known besides the others. Repeatable."),
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(help="ID=FILE: a device to admit and its two public keys (PEM). Repeatable."),
    ] = None,
    clerks: Annotated[bool, typer.Option("--clerks", help="Have clerks sign in before anybody is looked up.")] = False,
    card_anchor: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Certificate (DER) of a card issuer: with it a presence verifier is served too, and registers judge "
            "the proofs that come with look-ups. Repeatable.",
        ),
    ] = None,
    soap: Annotated[str, typer.Option(help="A gateway from the list above in the place of the signed profile.")] = "",
    soap_folder: Annotated[
        Path | None, typer.Option(help="Where the gateway's secret and code names are written for the desk.")
    ] = None,
    tls_folder: Annotated[
        Path | None, typer.Option(help="Where the authority's revocation list is written for the desk.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the keys and the TLS authority are kept from one start to the next."),
    ] = None,
    client_certificates: Annotated[
        bool, typer.Option("--client-certificates", help="Answer nobody without a TLS client certificate.")
    ] = False,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    try:
        if bool(soap) != (soap_folder is not None):
            raise ValueError("--soap and --soap-folder belong together")
        if client_certificates and tls_folder is None:
            raise ValueError("--client-certificates needs a --tls-folder")
        if client_certificates and clerks:
            raise ValueError("--client-certificates leaves out --clerks, whose browsers have none")
        devices = [_device(text) for text in device or ()]
        begun: list[AuthorizationSandbox] = []
        with serve_registers(
            devices,
            fault=fault,
            people=_files(persona),
            database_url=database_url,
            port=port,
            card_anchors=[_certificate(file) for file in card_anchor or ()],
            soap=soap,
            enrolment=True,
            clerks=begun.append if clerks else None,
            client_folder=tls_folder if client_certificates else None,
            kept=kept_keys(keys, datetime.now(UTC), _tell) if keys is not None else None,
        ) as endpoints:
            stop = _asked_to_stop()
            described = {one.register: _describe(one, soap_folder, tls_folder) for one in endpoints}
            certifies = next(one.certificate_anchors for one in endpoints if one.register == ENROLMENT)
            enrolment = _enrolment(described.pop(ENROLMENT), certifies)
            signing_in = _describe_clerks(begun[0], enrolment) if begun else {}
            sys.stdout.write(
                json.dumps({"registers": list(described.values()), "enrolment": enrolment, **signing_in}) + "\n"
            )
            sys.stdout.flush()
            stop.wait()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        typer.echo(f"mock-registers: {error.strerror or 'the port or a file is not to be had'}", err=True)
        raise typer.Exit(1) from None
    except DatabaseTrouble as trouble:
        typer.echo(f"mock-registers: {trouble}", err=True)
        raise typer.Exit(1) from None


@app.command()
def contract() -> None:
    """Print the contract of the registers (OpenAPI 3.1), as it is published under docs/api."""
    sys.stdout.write(published_contract())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    app(args=list(arguments) if arguments is not None else None, prog_name="mock-registers")


def _describe_clerks(server: AuthorizationSandbox, beside: Mapping[str, object]) -> dict[str, object]:
    """Return where clerks sign in, in the shape of a desk's settings, and what each of them types.

    Its TLS is that of what is ``beside`` it.
    """
    endpoint = server.endpoint
    return {
        "authorization": {
            "issuer": endpoint.issuer,
            "tls_anchors": [ssl.DER_cert_to_PEM_cert(anchor) for anchor in endpoint.tls_anchors],
            **{name: told for name, told in beside.items() if name == "tls_crls"},
        },
        "clerks": [
            {
                "id": clerk_id,
                "name": login.clerk.name,
                "roles": list(login.clerk.roles),
                "active": login.clerk.active,
                "password": login.password,
                "otp_secret": login.otp_text,
            }
            for clerk_id, login in server.logins.items()
        ],
    }


def _tell(word: str) -> None:
    typer.echo(f"mock-registers: {word}", err=True)


def _asked_to_stop() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set from now on."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _files(people: list[str] | None) -> tuple[str, ...]:
    """Return the files of people; raise ValueError for what is none."""
    for file in people or ():
        if not file.endswith(".toml"):
            raise ValueError(f"--persona takes a FILE.toml, not {file}")
    return tuple(people or ())


def _device(text: str) -> EnrolledDevice:
    device_id, separator, file = text.partition("=")
    if not separator or not device_id:
        raise ValueError("--device takes ID=FILE")
    blocks = _PEM_BLOCK.findall(Path(file).read_bytes())
    if len(blocks) != 2:
        raise ValueError(f"{file}: not two public keys in PEM, for signing and for what is sealed to the device")
    signing, opening = (_public_key(block, file) for block in blocks)
    if signing.public_numbers() == opening.public_numbers():
        raise ValueError(f"{file}: one key for both uses")
    return EnrolledDevice(device_id, thumbprint(signing), signing, opening)


def _public_key(pem: bytes, file: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"{file}: no public key in PEM") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"{file}: not a P-256 key")
    return key


def _describe(endpoint: RegisterEndpoint, folder: Path | None, tls_folder: Path | None) -> dict[str, object]:
    """Return the endpoint in the shape of a desk's settings."""
    where: dict[str, object] = {
        "register": endpoint.register,
        "base_url": endpoint.base_url,
        "tls_anchors": [ssl.DER_cert_to_PEM_cert(anchor) for anchor in endpoint.tls_anchors],
    }
    if tls_folder is not None and endpoint.tls_revocation is not None:
        where |= tls_settings(endpoint.tls_revocation.lists(), endpoint.client_certificate, tls_folder)
    if endpoint.gateway is not None and folder is not None:
        return {**where, "profile": "soap", "gateway": gateway_settings(endpoint.gateway, folder)}
    return {
        **where,
        "answer_keys": _keys(endpoint.answer_keys),
        "seal_keys": _keys(endpoint.seal_keys),
    }


def _certificate(file: Path) -> bytes:
    """Return a card issuer's certificate; raise ValueError for a file that is none."""
    try:
        return read_bounded_file(file, _MAX_CERTIFICATE)
    except DataError:
        raise ValueError(f"{file}: no certificate") from None


def _enrolment(described: Mapping[str, object], certificate_anchors: Iterable[bytes]) -> dict[str, object]:
    """Return where desks ask to become devices, in the shape of a desk's settings."""
    told = {name: value for name, value in described.items() if name not in ("register", "seal_keys")}
    return {**told, "certificate_anchors": [ssl.DER_cert_to_PEM_cert(anchor) for anchor in certificate_anchors]}


def _keys(keys: Iterable[AnswerKey | SealKey]) -> list[dict[str, str]]:
    return [{"key_id": key.key_id, "spki": base64.b64encode(key.spki).decode()} for key in keys]
