"""What `zellige dev` prints when everything answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zellige.console import say


def print_banner(url: str, notes: Sequence[str], mail_folder: Path | None = None) -> None:
    """Prints the addresses, where mail is kept, then the notes of the serving process, then how to end."""
    say(f"\nZellige is ready on {url}\n", style="bold green")
    say(f"  GraphiQL   {url}/")
    say(f"  GraphQL    {url}/graphql")
    say(f"  Health     {url}/health/ready")
    if mail_folder is not None:
        say(f"  Mail       {mail_folder}/")
    for note in notes:
        say(note)
    say("\nA change of the code restarts the subgraphs. Ctrl-C stops everything and keeps the data.\n")
