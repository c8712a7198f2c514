"""The look that all commands share."""

from __future__ import annotations

from typing import Any

import typer


def command_app(**options: Any) -> typer.Typer:
    """Returns an empty Typer application; its help is plain text, so that examples keep their lines."""
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        **options,
    )
