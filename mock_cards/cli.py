"""The command ``mock-cards``: what emulated cards there are, and one of them on PC/SC."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mock_cards.build import anchors, build_chip, default_profile
from mock_cards.chip import PROFILES, profile_by_name
from mock_cards.faults import ACTIONS, FAULTS, HOW_TO_SAY_WHEN, check_fault
from mock_cards.forgeries import FORGERIES, forgery_by_name
from mock_cards.issuing.mrz import mrz_of
from mock_cards.personas import load_all, load_persona
from mock_cards.timing import TIMINGS, timing_by_name

__all__ = ["app", "main"]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Emulated Vietnamese ID cards for tests.")

_USAGE = 2


@app.command("list")
def list_cards(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """List personas, forgeries, faults and chips."""
    catalogue = _catalogue()
    if as_json:
        typer.echo(json.dumps(catalogue, ensure_ascii=False, indent=2))
        return
    console = Console()
    for title, entries in catalogue.items():
        table = Table("name", "about", title=title, title_justify="left")
        for entry in entries:
            table.add_row(entry["name"], entry["about"])
        console.print(table)


@app.command()
def serve(
    persona: Annotated[str, typer.Option(help="Whose card.")] = "nguyen-van-mau",
    forgery: Annotated[list[str] | None, typer.Option(help="A forgery; may be given again.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="A fault, or a script ACTION[:ARGUMENT][@WHEN]; may be given again.")
    ] = None,
    chip: Annotated[str, typer.Option(help="A chip profile; by the card's generation without it.")] = "",
    timing: Annotated[str, typer.Option(help="How fast the card answers.")] = "none",
    host: Annotated[str, typer.Option(help="Where vpcd listens; loopback only.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="vpcd's port; any free one without it.")] = None,
    trust: Annotated[Path | None, typer.Option(help="Write the test CSCA certificates into this folder.")] = None,
) -> None:
    """Attach an emulated card to a private PC/SC service and say how clients find it."""
    forgeries, faults = tuple(forgery or ()), tuple(fault or ())
    _require_known(persona, forgeries, faults, chip, timing)
    _require_loopback(host)
    if trust is not None:
        _write_anchors(trust)
    # Imported here: listing cards must not need what serving them needs.
    from mock_cards import serve as server

    raise typer.Exit(server.serve(persona, forgeries, faults, chip, timing, host, port))


def _catalogue() -> dict[str, list[dict[str, Any]]]:
    return {
        "personas": [
            {
                "name": persona.name,
                "about": persona.about,
                "personal_number": persona.card.personal_number,
                "can": persona.card.personal_number[-6:],
                "mrz": list(mrz_of(persona.card).lines),
                "chip": default_profile(persona).name,
            }
            for persona in load_all()
        ],
        "forgeries": [
            {"name": forgery.name, "about": forgery.about, "fails": sorted(forgery.fails), "decision": forgery.decision}
            for forgery in FORGERIES
        ],
        "faults": [
            {"name": fault.name, "about": fault.about, "fails": sorted(fault.fails), "decision": fault.decision}
            for fault in FAULTS
        ],
        "fault_actions": [
            {"name": action.name, "about": action.about, "argument": action.argument, "when": HOW_TO_SAY_WHEN}
            for action in ACTIONS
        ],
        "chips": [{"name": profile.name, "about": profile.about} for profile in PROFILES],
        "timings": [{"name": timing.name, "about": timing.about} for timing in TIMINGS],
    }


def _require_known(persona: str, forgeries: tuple[str, ...], faults: tuple[str, ...], chip: str, timing: str) -> None:
    """End with exit code 2 at the first name that there is not."""
    try:
        load_persona(persona)
        for name in forgeries:
            forgery_by_name(name)
        for name in faults:
            check_fault(name, build_chip)
        if chip:
            profile_by_name(chip)
        timing_by_name(timing)
    except KeyError as unknown:
        typer.echo(f"no such name: {unknown.args[0]} (mock-cards list)", err=True)
        raise typer.Exit(_USAGE) from None
    except ValueError as wrong:
        typer.echo(f"a fault that cannot be: {wrong} (mock-cards list)", err=True)
        raise typer.Exit(_USAGE) from None


def _require_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        typer.echo("an emulated card is served on loopback only", err=True)
        raise typer.Exit(_USAGE)


def _write_anchors(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, certificate in enumerate(anchors()):
        (folder / f"test-csca-{number}.cer").write_bytes(certificate)


def main() -> None:
    """Run the command line."""
    app()
