"""`zellige keys`: the secrets of an installation, as environment lines; and the keys that sign tokens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.service.signing_keys import KeyState, list_signing_keys, rotate_signing_keys
from subgraphs.kit.auth.keys import generate_signing_key
from subgraphs.kit.clock import SystemClock
from subgraphs.kit.database import Database
from subgraphs.kit.settings import KitSettings
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed

R = TypeVar("R")

app = command_app(invoke_without_command=True)
SECRET_BYTES = 32


@app.callback()
def keys(context: typer.Context) -> None:
    """Prints new secrets for a .env file; rotates the keys that sign tokens.

    Nothing is stored. Keep the file: other keys end every session, another POSTGRES_PASSWORD locks you out
    of the data, and without ZELLIGE_ENCRYPTION_KEYS second factors cannot be read.

    \b
    Example:
      zellige keys > .env && docker compose up
    """
    if context.invoked_subcommand is not None:
        return
    lines = {
        "ZELLIGE_SIGNING_KEY": generate_signing_key().replace("\n", "\\n"),
        "ZELLIGE_ENCRYPTION_KEYS": secrets.token_urlsafe(SECRET_BYTES),
        "ZELLIGE_INTERNAL_SECRET": secrets.token_urlsafe(SECRET_BYTES),
        "ZELLIGE_CACHE_KEY": secrets.token_urlsafe(SECRET_BYTES),
        # These two stand in URLs: letters and digits only.
        "POSTGRES_PASSWORD": secrets.token_hex(SECRET_BYTES // 2),
        "RABBITMQ_PASSWORD": secrets.token_hex(SECRET_BYTES // 2),
    }
    write_result("\n".join(f'{name}="{value}"' for name, value in lines.items()))


@app.command()
def rotate() -> None:
    """Makes the next key sign access tokens, and a new one the next.

    Nobody is logged out: the key before stays published until its last token has expired, and the next one
    is published already. DATABASE_URL, ZELLIGE_SIGNING_KEY and ZELLIGE_ENCRYPTION_KEYS are identity's own.
    Every process of identity signs with the new key within 15 seconds.

    \b
    Example:
      zellige keys rotate
    """
    settings, now = KitSettings(), SystemClock().now()
    _show(_run(settings, lambda session: rotate_signing_keys(session, settings, now)))
    say("Rotated.")


@app.command("list")
def list_keys() -> None:
    """Shows the keys that are published, and which of them signs.

    \b
    Example:
      zellige keys list
    """
    settings, now = KitSettings(), SystemClock().now()
    found = _run(settings, lambda session: list_signing_keys(session, now))
    _show(found)
    if not found:
        say("Nothing was rotated yet: the key of ZELLIGE_SIGNING_KEY signs.")


def _show(states: tuple[KeyState, ...]) -> None:
    for each in states:
        until = f" until {each.retires_at:%Y-%m-%d %H:%M} UTC" if each.retires_at is not None else ""
        write_result(f"{each.state:8} {each.kid}{until}")


def _run(settings: KitSettings, work: Callable[[AsyncSession], Awaitable[R]]) -> R:
    async def in_transaction() -> R:
        database = Database(settings, "identity")
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    try:
        return asyncio.run(in_transaction())
    except (SQLAlchemyError, OSError) as error:
        server = settings.server_url("identity").render_as_string(hide_password=True)
        raise CommandFailed(f"identity's keys could not be reached on {server}: {error}") from error
    except RuntimeError as error:  # a secret is missing or too short
        raise CommandFailed(str(error)) from error
