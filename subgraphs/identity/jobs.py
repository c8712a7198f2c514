"""Identity's background work: letters that are asked for, and clearing away what is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from subgraphs.identity.model.challenge_queries import delete_expired_login_challenges
from subgraphs.identity.model.factor_queries import delete_expired_challenges
from subgraphs.identity.model.letter_queries import delete_expired_letters
from subgraphs.identity.model.oauth_queries import delete_over
from subgraphs.identity.model.session_queries import delete_ended_sessions
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.reset_password import write_reset_letter
from subgraphs.identity.service.verify_email import request_verification
from subgraphs.kit.jobs.declaration import Cron, Job, JobContext

SESSIONS_KEPT = timedelta(days=30)
LETTERS_KEPT = timedelta(days=1)
SESSIONS_MAX = 1_000


async def send_reset_letter(context: JobContext, email_normalized: str) -> None:
    """Writes the letter of a password reset, if somebody has the address."""
    app = context.app
    async with app.database.transaction() as session:
        await write_reset_letter(session, app.port(Doorway).letters, email_normalized, app.clock.now())


async def send_verification_letter(context: JobContext, user_id: str) -> None:
    """Writes the letter that proves an address."""
    app = context.app
    async with app.database.transaction() as session:
        await request_verification(session, app.port(Doorway).letters, UUID(user_id), app.clock.now())


async def purge_identity(context: JobContext) -> None:
    """Deletes letters and challenges that are over, and a batch of sessions over for a month."""
    app = context.app
    now = app.clock.now()
    async with app.database.transaction() as session:
        await delete_expired_letters(session, now - LETTERS_KEPT)
        await delete_expired_challenges(session, now)
        await delete_expired_login_challenges(session, now - LETTERS_KEPT)
        await delete_ended_sessions(session, now - SESSIONS_KEPT, SESSIONS_MAX)
        await delete_over(session, now - LETTERS_KEPT)


JOBS = (
    Job(send_reset_letter, attempts_max=8),
    Job(send_verification_letter, attempts_max=8),
    Job(purge_identity, at=Cron(minute={23})),
)
