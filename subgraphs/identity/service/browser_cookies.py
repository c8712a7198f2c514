"""A browser's session: logged in as any other, but known by a cookie instead of tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import LoginChallengeOver
from subgraphs.identity.model.session_queries import (
    find_session_by_cookie,
    give_cookie,
    session_of_id,
)
from subgraphs.identity.model.tables import SessionRow, UserRow
from subgraphs.identity.service.complete_login import GivenProof, complete_login
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.letters import hash_token
from subgraphs.identity.service.log_in import Credentials, LoggedIn, LoginChallenge, log_in
from subgraphs.identity.service.log_out import LOGGED_OUT
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.database import Database


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """The person is in; the browser keeps the cookie."""

    user: UserRow
    session: SessionRow
    cookie: str


async def log_in_browser(
    database: Database, doorway: Doorway, given: Credentials, now: datetime
) -> BrowserLogin | LoginChallenge:
    """Returns the session with its cookie, or what still has to be shown."""
    outcome = await log_in(database, doorway, given, now)
    if isinstance(outcome, LoginChallenge):
        return outcome
    return await _with_cookie(database, outcome)


async def log_in_browser_by_factor(
    database: Database,
    doorway: Doorway,
    challenge_token: str,
    given: GivenProof,
    origin: ClientOrigin,
    *,
    now: datetime,
) -> BrowserLogin:
    """Returns the session with its cookie."""
    outcome = await complete_login(database, doorway, challenge_token, given, origin, now=now)
    return await _with_cookie(database, outcome)


async def end_browser_session(session: AsyncSession, cookie: str, now: datetime) -> None:
    """Ends the session of the cookie; one that is over already stays over."""
    row = await find_session_by_cookie(session, hash_token(cookie))
    if row is not None:
        await end_sessions(session, session_of_id(row.id), LOGGED_OUT, now)


async def _with_cookie(database: Database, login: LoggedIn) -> BrowserLogin:
    cookie = secrets.token_urlsafe(32)
    async with database.transaction() as session:
        # The tokens were shown to nobody; the cookie takes their place.
        if not await give_cookie(session, login.session.id, hash_token(cookie)):
            raise LoginChallengeOver("This log-in has ended; begin again")
    return BrowserLogin(login.user, login.session, cookie)
