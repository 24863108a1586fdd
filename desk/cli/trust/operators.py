"""``motcua trust key`` and ``operators``: who may change the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.errors import OperatorKeyRefused, StoreUnwritable
from auth.distribution.operators import MIN_THRESHOLD, OperatorKey, OperatorSet
from auth.distribution.proposal import propose_operators
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.cli.trust.common import (
    KeyOption,
    PassphraseOption,
    StoreOption,
    ask_passphrase,
    installation_of,
    load_keys,
    named_operators,
    now,
    read_bounded,
    say,
    trust_errors,
)
from desk.cli.trust.importing import ToOption, finish

__all__ = ["key", "operators"]


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; FILE.pub gets the public.")],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", metavar="FILE", help="A file with the passphrase; else asked.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Make an operator's key (Ed25519), encrypted under a passphrase of eight characters or more."""
    session = open_session(language)
    with trust_errors(session):
        if passphrase_file is not None:
            secret = read_bounded(passphrase_file, 1_024).strip()
        else:
            secret = ask_passphrase("passphrase: ")
            if ask_passphrase("again: ") != secret:
                raise OperatorKeyRefused("two different passphrases")
        made = OperatorKey.generate()
        public = file.with_name(f"{file.name}.pub")
        try:
            # Never over an existing key: it may be the only one of its operator.
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(made.to_pem(secret))
            public.write_bytes(made.public_pem())
        except OSError:
            raise StoreUnwritable(file.name) from None
        typer.echo(say(session, "key-made", id=made.operator("?").key_id, file=file, public=public))


def operators(
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=PUBLIC.pem…", help="All operators from now on; none: show those there are."),
    ] = None,
    threshold: Annotated[int, typer.Option(min=MIN_THRESHOLD, help="How many of them a change needs.")] = MIN_THRESHOLD,
    to: ToOption = Path("trust-change.json"),
    keys: KeyOption = None,
    passphrases: PassphraseOption = None,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show who may change the store, found it, or make a change of its operators.

    All first operators sign the founding; later changes are signed by the present operators and by the new ones.
    """
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        if not named:
            _show(session, installation.state().operators)
            return
        wanted = OperatorSet(threshold, named_operators(named))
        proposal = propose_operators(installation, wanted, now())
        typer.echo(say(session, "founding", count=len(wanted.operators), need=threshold))
        change = proposal.change
        for unlocked in load_keys(keys, passphrases):
            change = change.sign(unlocked)
        finish(session, installation, change, to)


def _show(session: Session, there: OperatorSet) -> None:
    names = ", ".join(f"{one.name} ({one.key_id})" for one in there.operators)
    typer.echo(say(session, "operators", names=names, need=there.threshold))
