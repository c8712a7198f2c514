"""`zellige keys`: the secrets of an installation, as environment lines."""

from __future__ import annotations

import secrets

from subgraphs.kit.auth.keys import generate_signing_key
from zellige.command_app import command_app
from zellige.console import write_result

app = command_app()
SECRET_BYTES = 32


@app.command()
def keys() -> None:
    """Prints new secrets as lines for a .env file.

    Nothing is stored. Keep the file: other keys end every session, another POSTGRES_PASSWORD locks you out
    of the data.

    \b
    Example:
      zellige keys > .env && docker compose up
    """
    lines = {
        "ZELLIGE_SIGNING_KEY": generate_signing_key().replace("\n", "\\n"),
        "ZELLIGE_INTERNAL_SECRET": secrets.token_urlsafe(SECRET_BYTES),
        "ZELLIGE_CACHE_KEY": secrets.token_urlsafe(SECRET_BYTES),
        # These two stand in URLs: letters and digits only.
        "POSTGRES_PASSWORD": secrets.token_hex(SECRET_BYTES // 2),
        "RABBITMQ_PASSWORD": secrets.token_hex(SECRET_BYTES // 2),
    }
    write_result("\n".join(f'{name}="{value}"' for name, value in lines.items()))
