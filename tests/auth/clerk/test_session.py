"""A clerk's session: tokens one purpose each, renewed in silence, ended for good, and gone with the clerk."""

from __future__ import annotations

import base64
import gc
import json
import pickle
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet

from auth.clerk.desk_clerk import ClerkPresence, ClerkState, DeskClerk
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient
from auth.clerk.session import ClerkSession, HeldTokens
from auth.clerk.signed_in import SignedIn
from auth.clerk.signing_in import sign_in_by_browser
from auth.clerk.ways import by_browser
from auth.errors import (
    ClerkMayNot,
    ClerkNotSignedIn,
    RegisterUnreachable,
    SignInFailed,
    StepUpNeeded,
)
from auth.outbox.standing import SignedInHere
from auth.purposes import purpose as purpose_of
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox

URL = "https://127.0.0.1:1/population/v1/persons:lookup"
LAND, RESIDENCE, STATEMENT = "land-change-registration", "permanent-residence", "own-data"


def _token(desk: DeskClerk, purpose: str = RESIDENCE, register: str = "population") -> str:
    return desk.access().headers_for(register, purpose, "POST", URL)["authorization"].removeprefix("DPoP ")


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def _spied(desk: DeskClerk, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    asked: list[Mapping[str, str]] = []
    real = AuthorizationClient.tokens

    def tokens(self: AuthorizationClient, fields: Mapping[str, str], *more: Any) -> dict[str, Any]:
        asked.append(fields)
        return real(self, fields, *more)

    monkeypatch.setattr(AuthorizationClient, "tokens", tokens)
    return asked


def test_a_token_and_its_proof_verify_for_a_stranger(
    signed_in: DeskClerk, authorization: AuthorizationSandbox, sandbox: RegisterSandbox
) -> None:
    fields = signed_in.access().headers_for("population", RESIDENCE, "POST", URL)
    assert set(fields) == {"authorization", "dpop"}
    scheme, _, token = fields["authorization"].partition(" ")
    keys = KeySet.import_key_set(json.loads(json.dumps(authorization.service.keyring.document())))
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert (scheme, claims["sub"]) == ("DPoP", "canbo.mau")
    proof = jws.extract_compact(fields["dpop"].encode())
    key = ECKey.import_key(proof.headers()["jwk"])
    jws.deserialize_compact(fields["dpop"], key, algorithms=["ES256"])
    assert key.thumbprint() == sandbox.device.signer.key_id == claims["cnf"]["jkt"]


def test_each_purpose_has_a_token_of_its_own(signed_in: DeskClerk) -> None:
    for wanted in (purpose_of(RESIDENCE), purpose_of(LAND)):
        claims = _claims(_token(signed_in, wanted.id))
        assert [detail["purpose"] for detail in claims["authorization_details"]] == [wanted.id]
        assert claims["aud"] == sorted(f"urn:motcua:register:{name}" for name in wanted.registers)


def test_a_token_is_asked_for_once_and_kept_while_it_counts(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _spied(signed_in, monkeypatch)
    tokens = {_token(signed_in) for _ in range(3)}
    assert (len(tokens), len(asked)) == (1, 1)
    assert _token(signed_in, LAND, "land") == _token(signed_in, LAND, "population")
    assert len(asked) == 2


def test_every_request_has_a_proof_of_its_own(signed_in: DeskClerk) -> None:
    proofs = {signed_in.access().headers_for("population", RESIDENCE, "POST", URL)["dpop"] for _ in range(5)}
    assert len(proofs) == 5


def test_many_threads_at_once_ask_for_one_token(signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _spied(signed_in, monkeypatch)
    barrier = threading.Barrier(8)
    tokens: list[str] = []

    def ask() -> None:
        barrier.wait()
        tokens.append(_token(signed_in, LAND, "land"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tokens), len(set(tokens)), len(asked)) == (8, 1, 1)


def test_a_token_is_renewed_before_it_ends(client: AuthorizationClient, authorization: AuthorizationSandbox) -> None:
    now = [0.0]
    session = ClerkSession(client, _sign_in(client, authorization), Wish.for_all(), clock=lambda: now[0])
    first = session.access_token("population", RESIDENCE)
    now[0] = 284.0
    assert session.access_token("population", RESIDENCE) == first
    now[0] = 286.0
    assert session.access_token("population", RESIDENCE) != first


def _sign_in(client: AuthorizationClient, authorization: AuthorizationSandbox) -> SignedIn:
    return sign_in_by_browser(client, Wish.for_all(), authorization.browser())


def test_a_session_ends_with_its_refresh_token(
    client: AuthorizationClient, authorization: AuthorizationSandbox
) -> None:
    now = [0.0]
    session = ClerkSession(client, _sign_in(client, authorization), Wish.for_all(), clock=lambda: now[0])
    now[0] = 8 * 3600.0
    with pytest.raises(ClerkNotSignedIn, match="expired"):
        session.access_token("population", RESIDENCE)
    assert not session.alive


def test_nobody_at_the_desk_means_no_token(desk: DeskClerk) -> None:
    with pytest.raises(ClerkNotSignedIn, match="nobody"):
        _token(desk)


@pytest.mark.parametrize(("register", "purpose"), [("land", RESIDENCE), ("population", "curiosity"), ("tax", LAND)])
def test_what_was_not_granted_is_not_asked_for(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch, register: str, purpose: str
) -> None:
    asked = _spied(signed_in, monkeypatch)
    with pytest.raises(ClerkMayNot):
        _token(signed_in, purpose, register)
    assert asked == []


def test_a_clerk_is_granted_no_more_than_the_roles_allow(desk: DeskClerk, authorization: AuthorizationSandbox) -> None:
    desk.sign_in(by_browser(authorization.browser("canbo.cutru")))
    assert _token(desk, RESIDENCE)
    with pytest.raises(ClerkMayNot):
        _token(desk, LAND)


def test_a_server_that_cannot_be_reached_ends_no_session(signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_arguments: object) -> dict[str, Any]:
        raise RegisterUnreachable("authorization", "no-connection")

    with monkeypatch.context() as patch:
        patch.setattr(AuthorizationClient, "tokens", unreachable)
        with pytest.raises(RegisterUnreachable):
            _token(signed_in)
    assert signed_in.presence.state is ClerkState.SIGNED_IN
    assert _token(signed_in)


def test_a_sensitive_purpose_wants_the_clerk_to_sign_in_again(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    with pytest.raises(StepUpNeeded, match=STATEMENT):
        _token(signed_in, STATEMENT)
    signed_in.step_up(by_browser(authorization.browser()))
    claims = _claims(_token(signed_in, STATEMENT))
    assert claims["acr"] == "urn:motcua:acr:two-factor"


def test_a_stronger_sign_in_counts_for_a_quarter_of_an_hour(
    sandbox: RegisterSandbox, authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AuthorizationClient(authorization.endpoint, sandbox.device)
    desk = DeskClerk(client)
    desk.sign_in(by_browser(authorization.browser()))
    desk.step_up(by_browser(authorization.browser()))
    assert _token(desk, STATEMENT)
    real = client.now
    monkeypatch.setattr(client, "now", lambda: real() + 901)
    with pytest.raises(StepUpNeeded):
        _token(desk, STATEMENT)
    client.close()


def test_another_clerk_cannot_step_in_by_a_stronger_sign_in(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    with pytest.raises(SignInFailed, match="another-clerk"):
        signed_in.step_up(by_browser(authorization.browser("canbo.haimau")))
    assert signed_in.presence.clerk_id == "canbo.mau"
    assert _claims(_token(signed_in))["sub"] == "canbo.mau"


def test_a_stronger_sign_in_that_fails_leaves_the_clerk_as_before(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    with pytest.raises(SignInFailed, match="no-browser"):
        signed_in.step_up(by_browser(lambda _address: False))
    assert _token(signed_in)
    with pytest.raises(ClerkNotSignedIn):
        DeskClerk(signed_in._client).step_up(by_browser(authorization.browser()))


def test_the_next_clerk_replaces_the_first(signed_in: DeskClerk, authorization: AuthorizationSandbox) -> None:
    family = _claims(_token(signed_in))["sid"]
    came = signed_in.sign_in(by_browser(authorization.browser("canbo.haimau")))
    assert came == ClerkPresence(ClerkState.SIGNED_IN, "canbo.haimau", "Trần Văn Cán Bộ")
    assert _claims(_token(signed_in))["sub"] == "canbo.haimau"
    ended = authorization.service.store.family(family)
    assert ended is not None
    assert ended.ended


def test_nothing_goes_out_in_the_first_ones_name_while_the_next_signs_in(signed_in: DeskClerk) -> None:
    def open_browser(_address: str) -> bool:
        with pytest.raises(ClerkNotSignedIn, match="nobody"):
            _token(signed_in)
        return False

    with pytest.raises(SignInFailed):
        signed_in.sign_in(by_browser(open_browser))
    assert signed_in.presence == ClerkPresence(ClerkState.NOBODY)


def test_signing_out_has_the_server_take_everything_back(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    family = _claims(_token(signed_in))["sid"]
    assert signed_in.sign_out() is True
    assert signed_in.presence == ClerkPresence(ClerkState.NOBODY)
    ended = authorization.service.store.family(family)
    assert ended is not None
    assert ended.ended
    assert signed_in.sign_out() is True


def test_signing_out_without_a_network_wipes_all_the_same_and_says_so(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_arguments: object) -> None:
        raise RegisterUnreachable("authorization", "no-connection")

    monkeypatch.setattr(AuthorizationClient, "revoke", unreachable)
    assert signed_in.sign_out() is False
    with pytest.raises(ClerkNotSignedIn, match="nobody"):
        _token(signed_in)


def test_signing_out_in_the_last_moment_of_a_sign_in_lets_nobody_in(
    desk: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    way = by_browser(authorization.browser())

    def too_late(client: AuthorizationClient, wish: Any, cancel: threading.Event) -> SignedIn:
        signed_in = way(client, wish, cancel)
        desk.sign_out()
        return signed_in

    with pytest.raises(SignInFailed, match="cancelled"):
        desk.sign_in(too_late)
    assert desk.presence == ClerkPresence(ClerkState.NOBODY)


def _found(*secrets: str) -> list[str]:
    """Return what still refers to a text with a secret in it: of all that the collector knows.

    Late in a run those are millions, and nearly all that they refer to is no text, or a shorter one than a secret: they
    are asked for what they refer to by the thousand, and one by one only where a secret was found.
    """
    # What ``left_since`` has frozen the collector does not list, and something old may have come to hold a secret.
    gc.unfreeze()
    gc.collect()
    looked_for = [(secret, secret.encode()) for secret in secrets]
    least = min(map(len, secrets))
    found: list[str] = []
    # The collector lists no container that holds only texts and numbers, so what each refers to is walked too.
    walked = gc.get_objects()
    known: set[int] = set()
    at = 0
    while at < len(walked):
        some = walked[at : at + _AT_ONCE]
        at += len(some)
        parts = gc.get_referents(*some)
        texts = (part for part in parts if isinstance(part, (str, bytes)) and len(part) >= least)
        if any(_holds(text, *secret) for text in texts for secret in looked_for):
            found += (type(thing).__name__ for thing in some if _refers_to(thing, looked_for))
        # Of all that there is, what the collector tracks is in the list already.
        for part in parts:
            if type(part) in _HOLD_NOTHING or gc.is_tracked(part):
                continue
            if id(part) not in known:
                known.add(id(part))
                walked.append(part)
    return found


_AT_ONCE = 1_000
_HOLD_NOTHING = frozenset({str, bytes, int, float, bool, type(None)})


def _refers_to(thing: object, looked_for: list[tuple[str, bytes]]) -> bool:
    texts = [part for part in gc.get_referents(thing) if isinstance(part, (str, bytes))]
    return any(_holds(text, *secret) for text in texts for secret in looked_for)


def _holds(text: str | bytes, secret: str, encoded: bytes) -> bool:
    if isinstance(text, bytes):
        return text is not encoded and encoded in text
    return text is not secret and secret in text


def test_nothing_of_a_clerk_stays_in_memory_after_signing_out(
    desk: DeskClerk,
    authorization: AuthorizationSandbox,
    left_since: Callable[..., Callable[[], list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = left_since(HeldTokens, ClerkSession)
    desk.sign_in(by_browser(authorization.browser()))
    refreshed: list[str] = []
    real = AuthorizationClient.revoke

    def revoke(self: AuthorizationClient, token: str, late: float) -> None:
        # Only the middle of it, so that what this test holds is not what it looks for.
        refreshed.append(token[8:-8])
        real(self, token, late)

    monkeypatch.setattr(AuthorizationClient, "revoke", revoke)
    access = _token(desk)[-60:-8]
    assert left(garbage_too=True) != []
    assert _found(access), "a token in use can be found, or this test proves nothing"
    desk.sign_out()
    assert _found(access, refreshed[0]) == []
    assert left() == []


def test_tokens_cannot_be_written_anywhere_and_are_never_shown(signed_in: DeskClerk) -> None:
    token = _token(signed_in)
    session = signed_in._session
    assert session is not None
    held = session._held
    assert held is not None
    with pytest.raises(TypeError):
        pickle.dumps(held)
    for shown in (repr(session), repr(held), repr(signed_in), str(signed_in.presence)):
        assert token not in shown
        assert held.refresh_token not in shown


def test_what_waits_is_sent_in_the_name_of_who_is_here_and_for_what_they_may(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    queue = SignedInHere(signed_in)
    assert queue.signed_in() == ("canbo.mau",)
    assert queue.may_ask("canbo.mau", "population", RESIDENCE)
    assert not queue.may_ask("canbo.haimau", "population", RESIDENCE)
    assert not queue.may_ask("canbo.mau", "population", "curiosity")
    signed_in.sign_in(by_browser(authorization.browser("canbo.cutru")))
    assert not queue.may_ask("canbo.mau", "population", RESIDENCE)
    assert not queue.may_ask("canbo.cutru", "land", LAND)
    signed_in.sign_out()
    assert queue.signed_in() == ()
    assert not queue.may_ask("canbo.cutru", "population", RESIDENCE)


def test_everybody_who_wants_to_know_is_told_of_each_change(
    client: AuthorizationClient, authorization: AuthorizationSandbox
) -> None:
    told: list[ClerkState] = []
    desk = DeskClerk(client)
    desk.follow(lambda presence: told.append(presence.state))
    desk.sign_in(by_browser(authorization.browser()))
    desk.sign_out()
    assert told == [ClerkState.SIGNING_IN, ClerkState.SIGNED_IN, ClerkState.NOBODY]
