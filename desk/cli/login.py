"""``motcua login``: sign in, show who that is and what they may ask for, and sign out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from desk.browser import open_browser
from desk.clerk_assembly import clerk_of
from desk.cli.session import LanguageOption, LogOption, Session, SettingsOption, open_session
from desk.device import desk_device
from desk.exit_codes import ExitCode
from desk.settings import SettingsInvalid
from desk.words.sign_in_words import SIGN_IN
from reader.errors import MotCuaError

# For the annotations only: the wire is loaded when somebody signs in.
if TYPE_CHECKING:
    from auth.clerk.desk_clerk import DeskClerk
    from auth.clerk.device_flow import DevicePrompt
    from auth.clerk.ways import SignInWay

__all__ = ["login"]


def login(
    code: Annotated[
        bool, typer.Option("--code", help="Sign in on another device with a code, as at a kiosk; no browser here.")
    ] = False,
    seconds: Annotated[int, typer.Option(min=10, max=600, help="How long to wait for the clerk.")] = 300,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Sign in at the authorization server of the settings, and say who that is and for which purposes.

    Nothing is kept: tokens are in memory only, and the clerk is signed out again before the command ends. So this tells
    whether signing in works on this computer; to work, sign in in the window of `motcua desk`. Ctrl+C stops it.
    """
    session = open_session(language, log_level, settings_file)
    with session.catching():
        clerk = clerk_of(session.settings, desk_device(session.settings).credential)
        if clerk is None:
            raise SettingsInvalid("authorization: no server is set")
        try:
            _sign_in(session, clerk, code=code, seconds=seconds)
            _tell(session, clerk)
        except MotCuaError as error:
            session.fail(error.code, ExitCode.REGISTER_SILENT)
        finally:
            clerk.close()


def _sign_in(session: Session, clerk: DeskClerk, *, code: bool, seconds: int) -> None:
    from auth.clerk.ways import by_browser, by_code

    say = _speaker(session)

    def show(prompt: DevicePrompt) -> None:
        say("type-code", code=prompt.user_code, address=prompt.address)

    way: SignInWay = by_code(show, seconds=seconds) if code else by_browser(open_browser, seconds=seconds)
    if not code:
        say("waiting")
    clerk.sign_in(way)


def _tell(session: Session, clerk: DeskClerk) -> None:
    presence, texts = clerk.presence, session.texts
    typer.echo(SIGN_IN["signed-in"].text(texts.language, name=presence.name, id=presence.clerk_id))
    for purpose in clerk.purposes:
        typer.echo(f"  {texts.purpose(purpose)}")
    if abs(clerk.clock_offset) > 60:
        _speaker(session)("clock", minutes=round(abs(clerk.clock_offset) / 60))


def _speaker(session: Session) -> Callable[..., None]:
    def say(what: str, **values: object) -> None:
        typer.echo(SIGN_IN[what].text(session.texts.language, **values), err=True)

    return say
