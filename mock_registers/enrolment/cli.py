"""``mock-registers devices``: the registrar's desk, beside a sandbox that serves from the same database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from auth.device.states import DeviceAct, DeviceState, WrongAct
from mock_registers.cli_database import URL_VARIABLE
from mock_registers.database_errors import DatabaseTrouble
from mock_registers.enrolment.devices import Device, EnrolledDevices, NoSuchDevice
from mock_registers.storage import IN_MEMORY, Storage

__all__ = ["devices_app"]

_HELP = """Say what becomes of desks that asked to be enrolled; it counts from their next request on.

Run it beside a sandbox with the same database:

  mock-registers serve --database-url sqlite:////var/tmp/sandbox.db

  mock-registers devices list --database-url sqlite:////var/tmp/sandbox.db

Before `approve`, have the clerk read the code from the desk's screen and compare it with the one in the list: whoever
cannot read out these twelve digits is another computer.

pending → active ⇄ suspended → revoked → wiped. An order to wipe revokes at once; the desk executes it when it next asks
for its status, and then says so with its last signature. Nothing leads back from revoked.

Exit codes: 0 done; 1 no such device, not for a device in this state, or the database does not work; 2 usage.
"""

UrlOption = Annotated[
    str,
    typer.Option(
        "--database-url", envvar=URL_VARIABLE, show_default=False, help="SQLAlchemy URL of the sandbox's database."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
DeviceArgument = Annotated[str, typer.Argument(metavar="DEVICE", help="Its number, as the list shows it.")]

devices_app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@devices_app.command("list")
def list_devices(
    database_url: UrlOption,
    state: Annotated[DeviceState | None, typer.Option(help="Only devices in this state.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the devices, each with the code by which the registrar knows it."""
    with _devices(database_url) as devices:
        found = [device for device in devices.list() if state in (None, device.state)]
    if as_json:
        sys.stdout.write(json.dumps([_as_json(device) for device in found], ensure_ascii=False, indent=2) + "\n")
        return
    for device in found:
        _show(device)


@devices_app.command()
def approve(database_url: UrlOption, device: DeviceArgument) -> None:
    """Let a device in whose code you have compared."""
    _act(database_url, lambda devices: devices.act(device, DeviceAct.APPROVE))


@devices_app.command()
def suspend(database_url: UrlOption, device: DeviceArgument) -> None:
    """Let a device look nothing up until it is resumed."""
    _act(database_url, lambda devices: devices.act(device, DeviceAct.SUSPEND))


@devices_app.command()
def resume(database_url: UrlOption, device: DeviceArgument) -> None:
    """Let a suspended device look up again."""
    _act(database_url, lambda devices: devices.act(device, DeviceAct.RESUME))


@devices_app.command()
def revoke(database_url: UrlOption, device: DeviceArgument) -> None:
    """Shut a device out for good; what it has queued stays there for a supervisor."""
    _act(database_url, lambda devices: devices.act(device, DeviceAct.REVOKE))


@devices_app.command()
def wipe(
    database_url: UrlOption,
    device: DeviceArgument,
    export_ledger: Annotated[
        bool, typer.Option("--export-ledger", help="Have the desk write its ledger out before; it stays in any case.")
    ] = False,
) -> None:
    """Shut a device out for good and order it to destroy its keys and what they seal."""
    ledger: Literal["keep", "export"] = "export" if export_ledger else "keep"
    _act(database_url, lambda devices: devices.act(device, DeviceAct.ORDER_WIPE, ledger=ledger))


def _act(database_url: str, act: Callable[[EnrolledDevices], Device]) -> None:
    with _devices(database_url) as devices:
        _show(act(devices))


@contextmanager
def _devices(database_url: str) -> Iterator[EnrolledDevices]:
    """Open the database; end the command where it, the device or the act is wrong."""
    if database_url == IN_MEMORY:
        raise typer.BadParameter("a database in memory is no other program's", param_hint="--database-url")
    try:
        storage = Storage(database_url)
        try:
            yield EnrolledDevices(storage.database)
        finally:
            storage.close()
    except NoSuchDevice:
        typer.echo("mock-registers: no such device", err=True)
        raise typer.Exit(1) from None
    except WrongAct as wrong:
        typer.echo(f"mock-registers: {wrong}", err=True)
        raise typer.Exit(1) from None
    except DatabaseTrouble as trouble:
        typer.echo(f"mock-registers: {trouble}", err=True)
        raise typer.Exit(1) from None


def _show(device: Device) -> None:
    wiped = "  wipe ordered" if device.wipe_ordered and device.state is not DeviceState.WIPED else ""
    when = datetime.fromtimestamp(device.asked_at, UTC).strftime("%Y-%m-%d %H:%M")
    typer.echo(
        f"{device.device_id}  {device.state:<9}  {device.code}  {when}  {device.office} · {device.counter}{wiped}"
    )


def _as_json(device: Device) -> dict[str, object]:
    return {
        "device": device.device_id,
        "state": str(device.state),
        "code": device.code,
        "office": device.office,
        "counter": device.counter,
        "software": device.software,
        "asked_at": device.asked_at,
        "wipe_ordered": device.wipe_ordered,
    }
