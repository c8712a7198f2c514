"""What clients are told of subgraphs' errors."""

from __future__ import annotations

from pydantic import Field

from router.config.section import Section


class ErrorsConfig(Section):
    """Masking of the errors that subgraphs report; the router's own say nothing of the inside anyway."""

    mask: bool = False
    """Subgraphs that mask their own faults, as ours do, report what clients have to know. Switch it on before
    any that does not."""
    allow_codes: tuple[str, ...] = Field(default=(), max_length=1_000)
    """Errors with one of these codes go out as they came; others get `message` and the code
    DOWNSTREAM_SERVICE_ERROR, and the log what they said."""
    allow_extensions: tuple[str, ...] = Field(default=(), max_length=100)
    """With `mask`: the extensions that are kept of an allowed error besides its code."""
    message: str = Field(default="The service reported an error", min_length=1)
    show_subgraph: bool = True
    """Whether errors name the subgraph they came from, as `extensions.serviceName`."""
