"""``mock-cards personalise``: a person of one's own, checked, and the files of their card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mock_cards.build import CardFactory
from mock_cards.issuing import IssuedCard
from mock_cards.personas import EXAMPLE, PersonaInvalid, read_persona

__all__ = ["personalise"]

_USAGE = 2


def personalise(
    file: Annotated[Path | None, typer.Argument(metavar="FILE.toml", help="The person; see --example.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong with the file.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a commented file to begin with, and stop.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the card's files and the test CSCA here.")
    ] = None,
    chip: Annotated[str, typer.Option(help="A chip profile; by the card's generation without it.")] = "",
    seed: Annotated[str | None, typer.Option(help="The same keys on every run; without it fresh ones.")] = None,
) -> None:
    """Check a person of your own and personalise their card.

    Only invented people: every number begins with 099, a code that no province has. The file itself works wherever a
    persona's name does: mock-cards serve --persona FILE.toml, motcua demo --persona FILE.toml.
    """
    if example:
        typer.echo(EXAMPLE, nl=False)
        return
    if file is None:
        raise typer.BadParameter("which file? (or --example)", param_hint="FILE.toml")
    if not check and out is None:
        raise typer.BadParameter("--check, or --out DIR?", param_hint="--out")
    try:
        persona = read_persona(file)
    except PersonaInvalid as invalid:
        for problem in invalid.problems:
            typer.echo(f"{invalid.file}: {problem}", err=True)
        raise typer.Exit(_USAGE) from None
    if out is None or check:
        typer.echo(f"{file}: {persona.card.full_name}, CAN {persona.card.personal_number[-6:]}")
        return
    factory = CardFactory(seed)
    try:
        card = factory.issue(str(file), chip)
    except KeyError as unknown:
        raise typer.BadParameter(f"no chip of the name {unknown.args[0]}", param_hint="--chip") from None
    typer.echo(_write(out, card, factory.anchors))


def _write(folder: Path, card: IssuedCard, anchors: tuple[bytes, ...]) -> Path:
    """Write each file by its name on the card ("EF.COM", "DG1"), the anchors, and what is printed on the card."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in card.files.items():
        (folder / name.replace("/", "-")).write_bytes(content)
    for place, anchor in enumerate(anchors):
        (folder / f"test-csca-{place}.cer").write_bytes(anchor)
    number = card.persona.card.personal_number
    printed = {
        "test": True,
        "personal_number": number,
        "can": number[-6:],
        "mrz": list(card.mrz.lines),
        "chip": card.profile.name,
        "files": sorted(card.files),
    }
    told = folder / "card.json"
    told.write_text(json.dumps(printed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return told
