"""``motcua demo``: one visit with an emulated card and the sandbox registers, in a window or in the terminal."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from desk.assembly import desk_on_sandbox, policy_of
from desk.cli.citizen import CONSENTS, CitizenAsked
from desk.cli.demo_record import tell_record
from desk.cli.progress import VisitProgress
from desk.cli.session import JsonOption, LanguageOption, LogOption, PolicyOption, Session, SettingsOption, open_session
from desk.cli.slip import refuse_clash, write_slip
from desk.conduct import Conducted, conduct_visit
from desk.display import is_visible
from desk.dossier import dossier_number
from desk.exit_codes import ExitCode, exit_code_of_failure, exit_code_of_visit
from desk.kinds.installed import installed_kinds, nobody_asked
from desk.plugins import PluginMissing, card_sandbox, register_sandbox, shell
from desk.presence_report import presence_bundles
from desk.report import visit_report
from desk.sandbox_ports import CardSandbox, RegisterSandbox, SandboxCard
from desk.settings import Settings
from desk.view import FailureView
from desk.visit_data import VisitData
from reader.errors import CardError, DataError, MotCuaError

__all__ = ["demo"]

PATIENCE_SECONDS = 60.0
CARD_BACK_SECONDS = 2.5
DEMO_CLERK, DEMO_COUNTER = "Nguyễn Thị Cán Bộ", "Quầy 3"
_SIGN_IN = "authorization"
_EVERY_REGISTER = "registers"


def demo(
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Conduct the visit here, also where a window could open.")
    ] = False,
    persona: Annotated[
        str, typer.Option(metavar="NAME", help="Whose card; `mock-cards list` names them. Or a FILE.toml of your own.")
    ] = "nguyen-van-mau",
    forgery: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Forge the card; repeatable. `mock-cards list` names them.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Disturb the card (`mock-cards list`), or the registers (land:NAME, population:NAME, housing:NAME, "
            "registers:NAME, authorization:NAME; `mock-registers serve --help`); repeatable.",
        ),
    ] = None,
    pcsc: Annotated[
        bool, typer.Option("--pcsc", help="Go through a private PC/SC service, not in this process.")
    ] = False,
    purpose: Annotated[
        str | None, typer.Option(metavar="ID", help="What the look-ups are for; docs/purposes.md lists the purposes.")
    ] = None,
    dossier: Annotated[
        str, typer.Option(metavar="NUMBER", help="The office's number of the matter; the registers are told it.")
    ] = "",
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="In the terminal: have the look-up of a register that is away wait for it; wants --dossier.",
        ),
    ] = False,
    consent: Annotated[
        str,
        typer.Option(
            metavar="|".join(CONSENTS),
            help="In the terminal: what the citizen says where a purpose needs their consent. Where there is no "
            "terminal to ask in, asking ends in no.",
        ),
    ] = "ask",
    policy: PolicyOption = None,
    json_file: JsonOption = None,
    evidence_folder: Annotated[
        Path | None,
        typer.Option(
            "--presence-evidence",
            metavar="DIR",
            help="Write the evidence of the card's presence there, which `motcua verify` judges; a file a register.",
        ),
    ] = None,
    slip: Annotated[
        Path | None,
        typer.Option(metavar="FILE.pdf", help="Write the visit's slip there, and its slip.json beside it."),
    ] = None,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Conduct one visit with an emulated card and sandbox registers: nothing real is read or asked.

    The record of look-ups, the queue and what is known of each register are those of a real desk, in a folder of this
    demo's own that is gone when it ends.

    Opens the desk window; without a display, or with --terminal, --json or --slip, conducts the visit here and exits
    with its result (see `motcua --help`).
    """
    if consent not in CONSENTS:
        raise typer.BadParameter(", ".join(CONSENTS), param_hint="--consent")
    try:
        number = dossier_number(dossier)
    except DataError:
        raise typer.BadParameter("letters without accents, digits and . _ / -", param_hint="--dossier") from None
    if queue and not number:
        raise typer.BadParameter("what waits needs a dossier to wait for: --dossier", param_hint="--queue")
    refuse_clash(slip, json_file)
    session = open_session(language, log_level, settings_file, policy, purpose=purpose)
    if policy is not None:
        # What was typed here is refused here, not when the card already lies on the reader.
        with session.catching():
            policy_of(session.settings)
    faults = fault or []
    with session.catching():
        registers_known = {_EVERY_REGISTER, _SIGN_IN, *(kind.name for kind in installed_kinds())}
    of_registers = [name for name in faults if name.partition(":")[0] in registers_known]
    card = SandboxCard(persona, tuple(forgery or ()), tuple(name for name in faults if name not in of_registers))
    register_faults = [name.removeprefix(f"{_EVERY_REGISTER}:") for name in of_registers]
    if len(register_faults) > 1:
        raise typer.BadParameter("one fault of the registers at a time", param_hint="--fault")
    in_window = not terminal and json_file is None and evidence_folder is None and slip is None and is_visible()
    with ExitStack() as stack:
        with session.catching():
            cards = stack.enter_context(card_sandbox(pcsc=pcsc)())
        registers = _open_registers(session, stack, register_faults, card, cards)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="motcua-demo-", ignore_cleanup_errors=True)))
        if in_window:
            code = _in_window(session, cards, registers, card, number, folder)
        else:
            shown = _Terminal(session, cards, registers, folder, _Files(json_file, evidence_folder, slip))
            code = shown.conduct(card, number, CitizenAsked(session, consent), queue=queue)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class _Files:
    """Hold what was asked to be written, and where."""

    json: str | None
    evidence: Path | None
    slip: Path | None


def _open_registers(
    session: Session, stack: ExitStack, faults: list[str], card: SandboxCard, cards: CardSandbox
) -> RegisterSandbox | None:
    """Serve the sandbox registers; where they are not installed, say so and let the visit go on without them."""
    people = (card.persona,) if card.persona.endswith(".toml") else ()
    try:
        return stack.enter_context(
            register_sandbox()(
                fault="".join(faults),
                people=people,
                card_anchors=cards.anchors,
                card_lists=cards.revocation_lists,
                clerks=True,
            )
        )
    except PluginMissing as error:
        session.messages.show_failure(FailureView(error.code))
        return None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _in_window(
    session: Session,
    cards: CardSandbox,
    registers: RegisterSandbox | None,
    card: SandboxCard,
    dossier: str,
    folder: Path,
) -> int:
    with session.catching():
        run = shell("desk")
        desk = desk_on_sandbox(_staffed(session), cards, registers, folder)
    try:
        desk.set_dossier(dossier)
        desk.start()
        arguments = ["--language", session.texts.language.value, "--persona", card.persona]
        arguments += [word for name in card.forgeries for word in ("--forgery", name)]
        arguments += [word for name in card.faults for word in ("--fault", name)]
        return run(desk, arguments, cards)
    finally:
        desk.close()


@dataclass(frozen=True, slots=True)
class _Terminal:
    """Conduct a visit here: with what, in which folder it is recorded, and into which files it is written."""

    session: Session
    cards: CardSandbox
    registers: RegisterSandbox | None
    folder: Path
    files: _Files

    def conduct(self, card: SandboxCard, dossier: str, ask_citizen: CitizenAsked, *, queue: bool) -> int:
        """Conduct it, tell what came of it and what was recorded, and return the exit code."""
        session, files = self.session, self.files
        with session.catching():
            # Nobody is there to put a card back, so only one that comes back by itself is waited for.
            settings = _staffed(session).model_copy(update={"card_back_seconds": CARD_BACK_SECONDS})
            desk = desk_on_sandbox(settings, self.cards, self.registers, self.folder)
        try:
            desk.set_dossier(dossier)
            with VisitProgress(session.texts) as progress:
                patience = PATIENCE_SECONDS + session.settings.lookup_seconds
                asked = partial(ask_citizen, progress)
                done = conduct_visit(desk, self.cards, card, progress.show, patience, asked, queue_what_waits=queue)
            if files.evidence is not None:
                _write_bundles(session, done.data, files.evidence)
            code = _tell(session, done, files.json)
            if files.slip is not None and done.failure is None:
                write_slip(session, desk, files.slip)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        except TimeoutError:
            failure = FailureView(CardError.code)
            session.write_json(visit_report(VisitData(outcomes=nobody_asked()), failure, test=True), files.json)
            session.fail(failure.code)
        finally:
            desk.close()
        if self.registers is not None:
            tell_record(session, self.folder / "ledger.db", self.registers)
        return code


def _write_bundles(session: Session, data: VisitData, folder: Path) -> None:
    """Write the evidence of the card's presence, a file for each register that accepted it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        session.fail("file-not-written", ExitCode.USAGE)
    for register, bundle in presence_bundles(data).items():
        session.write_text(bundle.decode(), str(folder / f"{register}.cpp.json"))


def _tell(session: Session, done: Conducted, json_file: str | None) -> int:
    """Show what came of the visit, write the JSON that was asked for, and return the exit code."""
    session.write_json(visit_report(done.data, done.failure, test=True), json_file)
    if done.failure is not None or done.view.decision is None:
        failure = done.failure or FailureView(MotCuaError.code)
        session.messages.show_failure(failure)
        return exit_code_of_failure(failure.code)
    session.page_beside(json_file).show(done.view)
    return exit_code_of_visit(done.view.decision, done.data)


def _staffed(session: Session) -> Settings:
    """Return the settings with a clerk at a counter, so that the page and the look-ups name one."""
    named = {"clerk": DEMO_CLERK, "clerk_id": "demo", "counter": DEMO_COUNTER}
    missing = {key: value for key, value in named.items() if not getattr(session.settings, key)}
    return session.settings.model_copy(update=missing)
