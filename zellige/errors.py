"""How a command ends badly.

CommandFailed     the work could not be done: exit code 1, the message on standard error
typer.BadParameter  the command line is wrong: exit code 2, with the usage
"""

from __future__ import annotations


class CommandFailed(Exception):  # noqa: N818 - it reads as the sentence it is
    """The command could not do its work; the message tells the reader why and what to do."""
