"""Logging in on the provider's page: the same log-in as everywhere, kept in this browser."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.complete_login import GivenProof, complete_login
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.log_in import Credentials, LoggedIn, LoginChallenge, come_in, log_in
from subgraphs.identity.service.oauth.browser_logins import keep_login
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.database import Database

TOTP_DIGITS = 6
FEDERATED = "fed"
"""The method of a log-in by another provider, among those of RFC 8176."""


async def sign_in(
    database: Database, doorway: Doorway, given: Credentials, now: datetime
) -> str | LoginChallenge:
    """Returns the cookie of the browser, or what still has to be shown; raises as `log_in` does."""
    outcome = await log_in(database, doorway, given, now)
    return outcome if isinstance(outcome, LoginChallenge) else await _keep(database, outcome, now)


async def show_factor(
    database: Database,
    doorway: Doorway,
    challenge: str,
    given: GivenProof,
    origin: ClientOrigin,
    *,
    now: datetime,
) -> str:
    """Returns the cookie of the browser; raises as `complete_login` does."""
    return await _keep(
        database, await complete_login(database, doorway, challenge, given, origin, now=now), now
    )


async def sign_in_proved(
    database: Database, doorway: Doorway, user_id: UUID, origin: ClientOrigin, now: datetime
) -> str | LoginChallenge | None:
    """Returns the cookie for a person another provider vouches for; None when the account is closed."""
    async with database.transaction() as session:
        user = await find_user(session, user_id)
        if user is None or not user.is_open:
            return None
        given = Credentials(user.email, "", origin=origin)
        outcome = await come_in(session, doorway, user, given, now, FEDERATED)
    return outcome if isinstance(outcome, LoginChallenge) else await _keep(database, outcome, now)


def typed_proof(code: str) -> GivenProof:
    """Returns the proof a person typed: six digits are the app's, anything else is a recovery code."""
    digits = code.replace(" ", "")
    if len(digits) == TOTP_DIGITS and digits.isdigit():
        return GivenProof(totp_code=digits)
    return GivenProof(recovery_code=code.strip())


async def _keep(database: Database, entered: LoggedIn, now: datetime) -> str:
    async with database.transaction() as session:
        return await keep_login(session, entered.user.id, entered.session.id, now)
