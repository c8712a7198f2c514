"""Second factors as their owners use them."""

from __future__ import annotations

from typing import Any

from pyotp.totp import TOTP

from tests.subgraphs.identity.people import PASSWORD, Person, caller_of
from tests.support.passkey import SoftwarePasskey
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

CODE = "userErrors { code field }"
TOTP_ENROL = f"mutation {{ totpEnrol {{ enrolment {{ secret uri }} {CODE} }} }}"
TOTP_CONFIRM = f"mutation($code: String!) {{ totpConfirm(code: $code) {{ recoveryCodes {CODE} }} }}"
PASSKEY_START = f"mutation {{ passkeyRegisterStart {{ challenge {{ id options }} {CODE} }} }}"
PASSKEY_REGISTER = f"""mutation($input: PasskeyRegisterInput!) {{
  passkeyRegister(input: $input) {{ passkey {{ id name }} {CODE} }} }}"""
CHALLENGED = f"""mutation($input: LoginInput!) {{ login(input: $input) {{
  tokens {{ accessToken }} challenge {{ token factors passkeyOptions }} {CODE} }} }}"""
COMPLETE = f"""mutation($input: LoginCompleteInput!) {{ loginComplete(input: $input) {{
  tokens {{ accessToken refreshToken }} user {{ id }} {CODE} }} }}"""
STEP_UP = f"""mutation($input: StepUpInput!) {{ stepUp(input: $input) {{
  tokens {{ accessToken refreshToken }} {CODE} }} }}"""


async def run(
    identity: RunningSubgraph, mutation: str, caller: Caller | None = None, **variables: Any
) -> Any:
    """Returns the payload of a mutation that must be without errors."""
    (payload,) = (await identity.data(mutation, variables, caller)).values()
    return payload


class App:
    """An authenticator app with the secret of one account."""

    def __init__(self, secret: str, clock: MovableClock) -> None:
        self._totp = TOTP(secret)
        self._clock = clock

    def code(self, steps_on: int = 0) -> str:
        """Returns the code shown now, or some steps of half a minute on."""
        return self._totp.generate_otp(int(self._clock.now().timestamp()) // 30 + steps_on)

    def next_code(self) -> str:
        """Returns a code nobody has shown yet."""
        self._clock.advance(seconds=30)
        return self.code()


async def add_app(identity: RunningSubgraph, person: Person, clock: MovableClock) -> tuple[App, list[str]]:
    """Returns the app of a person who has confirmed it, and their recovery codes."""
    enrolled = await run(identity, TOTP_ENROL, person.caller)
    assert enrolled["userErrors"] == []
    app = App(enrolled["enrolment"]["secret"], clock)
    confirmed = await run(identity, TOTP_CONFIRM, person.caller, code=app.code())
    assert confirmed["userErrors"] == []
    return app, confirmed["recoveryCodes"]


async def add_passkey(identity: RunningSubgraph, person: Person) -> tuple[SoftwarePasskey, str]:
    """Returns a passkey of the person's, and its id."""
    passkey = SoftwarePasskey()
    started = (await run(identity, PASSKEY_START, person.caller))["challenge"]
    given = {
        "challengeId": started["id"],
        "passkey": passkey.register(started["options"]),
        "name": "Téléphone",
    }
    registered = await run(identity, PASSKEY_REGISTER, person.caller, input=given)
    assert registered["userErrors"] == []
    return passkey, registered["passkey"]["id"]


async def challenge_of(identity: RunningSubgraph, email: str) -> dict[str, Any]:
    """Returns what a log-in with the right password still asks for."""
    payload = await run(identity, CHALLENGED, input={"email": email, "password": PASSWORD})
    assert (payload["tokens"], payload["userErrors"]) == (None, [])
    return payload["challenge"]


async def complete(identity: RunningSubgraph, token: str, **factor: str) -> dict[str, Any]:
    """Returns the payload of a log-in's second half."""
    return await run(identity, COMPLETE, input={"challengeToken": token, "factor": factor})


async def log_in_with_app(identity: RunningSubgraph, email: str, app: App) -> Caller:
    """Returns the caller of a new session by password and app."""
    challenge = await challenge_of(identity, email)
    payload = await complete(identity, challenge["token"], totpCode=app.next_code())
    assert payload["userErrors"] == []
    return caller_of(payload["tokens"]["accessToken"])


def login_input(email: str, **changes: Any) -> dict[str, Any]:
    """Returns the input of a log-in."""
    return {"email": email, "password": PASSWORD, **changes}
