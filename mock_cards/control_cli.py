"""The commands that talk to a running ``mock-cards serve``: what lies where, put on, take away, swap, keep, look."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mock_cards.orders import DEFAULT_PERSONA, CardOrder
from mock_cards.pcsc import Control, Declined, find_control
from reader.errors import ServiceUnavailable

__all__ = ["insert", "list_slots", "record", "remove", "status", "swap", "window"]

_USAGE = 2
_PCSC_TROUBLE = 3
_WRONG_USAGE = frozenset({"bad-request", "no-such-slot", "no-such-name", "malformed-data"})
_DECLINED = 1

Slot = Annotated[int, typer.Argument(help="Which reader, counted from 1.")]
Socket = Annotated[
    Path | None, typer.Option("--socket", help="The control socket; without it the only service that runs.")
]
Persona = Annotated[str, typer.Option(help="Whose card.")]
Forgery = Annotated[list[str] | None, typer.Option(help="A forgery; may be given again.")]
Fault = Annotated[list[str] | None, typer.Option(help="A fault or a script; may be given again.")]
Chip = Annotated[str, typer.Option(help="A chip profile; by the card's generation without it.")]
Timing = Annotated[str, typer.Option(help="How fast the card answers.")]
Replay = Annotated[Path | None, typer.Option(help="A recording that the card answers from.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the service's answer as JSON.")]


def insert(
    slot: Slot = 1,
    persona: Persona = DEFAULT_PERSONA,
    forgery: Forgery = None,
    fault: Fault = None,
    chip: Chip = "",
    timing: Timing = "none",
    replay: Replay = None,
    socket: Socket = None,
) -> None:
    """Put a card on an empty reader; ends when PC/SC has found it."""
    order = _order(persona, forgery, fault, chip, timing, replay)
    _tell(_ask(socket, "insert", slot=slot, card=order.to_json()))


def swap(
    slot: Slot = 1,
    persona: Persona = DEFAULT_PERSONA,
    forgery: Forgery = None,
    fault: Fault = None,
    chip: Chip = "",
    timing: Timing = "none",
    replay: Replay = None,
    socket: Socket = None,
) -> None:
    """Put a card in the place of the one that lies there; ends when PC/SC has found it."""
    order = _order(persona, forgery, fault, chip, timing, replay)
    _tell(_ask(socket, "swap", slot=slot, card=order.to_json()))


def remove(slot: Slot = 1, socket: Socket = None) -> None:
    """Take the card away, in the middle of a command if need be."""
    _tell(_ask(socket, "remove", slot=slot))


def list_slots(as_json: AsJson = False, socket: Socket = None) -> None:
    """List the readers and the cards on them."""
    answer = _ask(socket, "status")
    if as_json:
        typer.echo(json.dumps(answer["slots"], ensure_ascii=False, indent=2))
        return
    for slot in answer["slots"]:
        _tell(slot)


def status(
    slot: Annotated[int, typer.Argument(help="Which reader; without it all, without their commands.")] = 0,
    as_json: AsJson = False,
    socket: Socket = None,
) -> None:
    """Show how clients find the service, and what lies where; for one reader also its last commands and refusals."""
    answer: dict[str, Any] = dict(_ask(socket, "status"))
    if slot:
        answer["slots"] = [one for one in answer["slots"] if one["slot"] == slot]
        answer["exchanges"] = _ask(socket, "exchanges", slot=slot)["exchanges"]
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for name, value in answer["environment"].items():
        typer.echo(f"export {name}={value}")
    for one in answer["slots"]:
        _tell(one)
    if slot:
        Console().print(_exchange_table(answer["exchanges"]))


def record(
    file: Annotated[Path, typer.Argument(help="Where the recording is written.")], slot: Slot = 1, socket: Socket = None
) -> None:
    """Keep what went to the card since it was put on, for --replay."""
    text = _ask(socket, "recording", slot=slot)["text"]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def window(socket: Socket = None) -> None:
    """Open a small window to put cards on and look at their commands; starts a service where none runs."""
    try:
        from mock_cards.window import run
    except ImportError as missing:
        typer.echo(f"the window needs PySide6 and its system libraries: {missing}", err=True)
        raise typer.Exit(_USAGE) from None
    raise typer.Exit(run(socket))


def _order(
    persona: str,
    forgery: list[str] | None,
    fault: list[str] | None,
    chip: str,
    timing: str,
    replay: Path | None,
) -> CardOrder:
    # The service may have another working directory.
    file = str(replay.resolve()) if replay else ""
    return CardOrder(_found(persona), tuple(forgery or ()), tuple(fault or ()), _found(chip), timing, file)


def _found(name: str) -> str:
    """Return a name as it stands, and a file of one's own as where it lies."""
    return str(Path(name).resolve()) if name.endswith(".toml") else name


def _ask(socket: Path | None, verb: str, **request: object) -> Mapping[str, Any]:
    """Ask the service; end with exit code 2 for wrong usage, 3 where none answers, 1 where it declines."""
    try:
        with Control(find_control(socket)) as control:
            return control.ask(verb, **request)
    except ServiceUnavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_PCSC_TROUBLE) from None
    except Declined as declined:
        typer.echo(str(declined), err=True)
        pcsc_trouble = _PCSC_TROUBLE if declined.reason.startswith("pcsc-") else _DECLINED
        raise typer.Exit(_USAGE if declined.reason in _WRONG_USAGE else pcsc_trouble) from None


def _tell(status: Mapping[str, Any]) -> None:
    card = CardOrder.from_json(status["card"]).summary if status["card"] else "–"
    can = f"  CAN {status['printed']['can']}" if status["card"] else ""
    typer.echo(f"{status['slot']}  {status['reader']}  {card}{can}")


def _exchange_table(exchanges: list[dict[str, Any]]) -> Table:
    table = Table("no.", "command", "sent", "received", "SW", "ms", "refused by")
    for one in exchanges:
        command = f"{one['command']} {one['name']}" + (" (SM)" if one["protected"] else "")
        refusal = f"{one['clause']}: {one['why']}" if one["clause"] else one["error"]
        sizes = (str(one["sent"]), str(one["received"]))
        table.add_row(str(one["number"]), command, *sizes, one["sw"] or "–", f"{one['ms']:.1f}", refusal)
    return table
