"""Changing the password by the one before."""

from __future__ import annotations

from datetime import datetime

from subgraphs.identity.errors import InvalidCredentials
from subgraphs.identity.events import PasswordChanged
from subgraphs.identity.model.letter_queries import delete_one_time_tokens
from subgraphs.identity.model.session_queries import sessions_of_user
from subgraphs.identity.model.user_queries import find_user, lock_user
from subgraphs.identity.service.attempts import Attempt
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.letters import Purpose
from subgraphs.identity.service.passwords import LENGTH_MAX, check_password
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.database import Database
from subgraphs.kit.events.outbox import record_event

PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason


async def change_password(
    database: Database,
    doorway: Doorway,
    viewer: Viewer,
    origin: ClientOrigin,
    passwords: tuple[str, str],
    *,
    now: datetime,
) -> None:
    """Replaces the first password by the second and ends the viewer's other sessions.

    A stolen session is no place to guess the password from: wrong ones count as those of a log-in do.
    """
    current, new = passwords
    assert viewer.user_id is not None, "users alone get here"
    async with database.read_session() as session:
        user = await find_user(session, viewer.user_id)
    if user is None or not user.is_open:
        raise _wrong()
    check_password(new, user.email_normalized, user.name, field=["input", "newPassword"])
    attempt = Attempt(user.email_normalized, origin.address)
    await doorway.attempts.check(attempt)
    if not await doorway.hashing.verify(user.password_hash, current[: LENGTH_MAX + 1]):
        await doorway.attempts.fail(attempt)
        raise _wrong()
    await doorway.attempts.succeed(attempt)
    verified_hash, password_hash = user.password_hash, await doorway.hashing.hash(new)
    async with database.transaction() as session:
        locked = await lock_user(session, viewer.user_id)
        # Whoever changed it meanwhile has the last word.
        if locked is None or not locked.is_open or locked.password_hash != verified_hash:
            raise _wrong()
        locked.password_hash = password_hash
        locked.password_changed_at = now
        await session.flush()
        await delete_one_time_tokens(session, locked.id, (Purpose.RESET_PASSWORD,))
        others = sessions_of_user(locked.id, but=viewer.session_id)
        await end_sessions(session, others, PASSWORD_CHANGED, now)
        changed = PasswordChanged(subject=str(locked.id), occurred_at=now, how="changed")
        await record_event(session, changed)


def _wrong() -> InvalidCredentials:
    return InvalidCredentials("The current password is another one", field=["input", "currentPassword"])
