"""The commands of ``motcua trust``."""

from __future__ import annotations

import typer

from desk.cli.trust import checking, importing, looking, operators, publishing, updating

__all__ = ["trust_app"]

_HELP = """Whom this desk trusts: the issuers' certificates, revocation lists, and what else decides about a card.

Look first:  motcua trust check FILE

Install, by two:  motcua trust import FILE… --to CHANGE;  each operator: motcua trust sign CHANGE --key KEY;  then:
motcua trust import CHANGE

From a repository:  motcua trust update [--from URL|FOLDER]

What is installed:  motcua trust list, motcua trust history

Exit codes: 0 done; 2 usage; 1 refused, with the reason on standard error.
"""

trust_app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
trust_app.command("check")(checking.check)
trust_app.command("import")(importing.import_)
trust_app.command("diff")(importing.diff)
trust_app.command("sign")(importing.sign)
trust_app.command("undo")(importing.undo)
trust_app.command("list")(looking.list_)
trust_app.command("history")(looking.history)
trust_app.command("repair")(looking.repair)
trust_app.command("key")(operators.key)
trust_app.command("operators")(operators.operators)
trust_app.command("update")(updating.update)
trust_app.add_typer(publishing.repository_app, name="repository")
