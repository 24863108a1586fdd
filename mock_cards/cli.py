"""The command ``mock-cards``: what emulated cards there are, and some of them on PC/SC."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mock_cards import control_cli, personalise_cli, pki_cli
from mock_cards.catalogue import catalogue
from mock_cards.orders import DEFAULT_PERSONA, CardOrder, parse_order

__all__ = ["app", "main"]

app = typer.Typer(add_completion=False, no_args_is_help=True)

_USAGE = 2


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mock-cards {version('motcua')}")
        raise typer.Exit


@app.callback()
def _mock_cards(
    shown: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Say which version this is.")
    ] = False,
) -> None:
    """Emulated Vietnamese ID cards for tests."""


@app.command("list")
def list_cards(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """List personas, forgeries, faults, chips, and with --json which condition each of them shows."""
    found = catalogue()
    conditions = found.pop("conditions")
    if as_json:
        typer.echo(json.dumps({**found, "conditions": conditions}, ensure_ascii=False, indent=2))
        return
    console = Console()
    for title, entries in found.items():
        table = Table("name", "about", title=title, title_justify="left")
        for entry in entries:
            table.add_row(entry["name"], entry["about"])
        console.print(table)


@app.command()
def serve(
    persona: Annotated[str, typer.Option(help="Whose card: a name, or a file of your own.")] = DEFAULT_PERSONA,
    forgery: Annotated[list[str] | None, typer.Option(help="A forgery; may be given again.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="A fault, or a script ACTION\\[:ARGUMENT]\\[@WHEN]; may be given again.")
    ] = None,
    chip: Annotated[
        str, typer.Option(help="A chip profile, or a TOML file; by the card's generation without it.")
    ] = "",
    timing: Annotated[str, typer.Option(help="How fast the card answers.")] = "none",
    replay: Annotated[Path | None, typer.Option(help="A recording to answer from, in place of all that.")] = None,
    slot: Annotated[
        list[str] | None,
        typer.Option(help="N:persona=…,forgery=…,fault=…,chip=…,timing=… on the Nth reader, or N:empty; may recur."),
    ] = None,
    readers: Annotated[int, typer.Option(help="How many readers there are, up to 16.")] = 2,
    record: Annotated[Path | None, typer.Option(help="Write what goes to the first card here at the end.")] = None,
    seed: Annotated[str | None, typer.Option(help="The same keys on every run; without it fresh ones.")] = None,
    host: Annotated[str, typer.Option(help="Where vpcd listens; loopback only.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="vpcd's port; any free one without it.")] = None,
    trust: Annotated[Path | None, typer.Option(help="Write the test CSCA certificates into this folder.")] = None,
    terminals: Annotated[
        Path | None, typer.Option(help="Write certificates and keys of the terminals that may read DG3 and DG4 here.")
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Tell each refusal of a chip and the clause it rests on.")] = False,
) -> None:
    """Attach emulated cards to a private PC/SC service and say how clients find it.

    The card of --persona and the options about it lies on the first reader, unless --slot says otherwise.
    """
    # Imported here: listing cards must not need what serving them needs.
    from mock_cards import serve as server

    order = CardOrder(persona, tuple(forgery or ()), tuple(fault or ()), chip, timing, str(replay or ""))
    orders = _slot_orders(slot or [], order)
    code = server.serve(
        orders,
        readers=readers,
        seed=seed,
        record=record,
        trust=trust,
        terminals=terminals,
        log=log,
        host=host,
        port=port,
    )
    raise typer.Exit(code)


for _verb in (control_cli.insert, control_cli.swap, control_cli.remove, control_cli.status, control_cli.record):
    app.command()(_verb)
app.command("list-slots")(control_cli.list_slots)
app.command()(control_cli.window)
app.command()(pki_cli.pki)
app.command()(personalise_cli.personalise)


def _slot_orders(slots: list[str], first: CardOrder) -> dict[int, CardOrder]:
    """Return what goes where; end with exit code 2 where a slot is no slot."""
    orders = {1: first}
    for text in slots:
        number, _, card = text.partition(":")
        try:
            place = int(number)
            orders.pop(place, None)
            if card != "empty":
                orders[place] = parse_order(card)
        except ValueError as wrong:
            typer.echo(f"--slot {text}: {wrong}", err=True)
            raise typer.Exit(_USAGE) from None
    return orders


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    app(args=list(arguments) if arguments is not None else None, prog_name="mock-cards")
