"""What `zellige dev` prints when everything answers."""

from __future__ import annotations

from collections.abc import Sequence

from zellige.console import say


def print_banner(url: str, notes: Sequence[str]) -> None:
    """Prints the addresses, then the notes of the serving process, then how to end."""
    say(f"\nZellige is ready on {url}\n", style="bold green")
    say(f"  GraphiQL   {url}/")
    say(f"  GraphQL    {url}/graphql")
    say(f"  Health     {url}/health/ready")
    for note in notes:
        say(note)
    say("\nA change of the code restarts the subgraphs. Ctrl-C stops everything and keeps the data.\n")
