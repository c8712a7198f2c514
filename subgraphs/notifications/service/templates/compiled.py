"""Sources turned into code once, and run within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError

from subgraphs.notifications.service.templates.language import (
    SOURCE_LENGTH_MAX,
    ForbiddenTemplateError,
    TemplateLanguage,
    refuse_forbidden,
)

RENDERED_LENGTH_MAX = 200_000
COMPILED_MAX = 512
"""Most templates whose code is kept."""

_TEXT = TemplateLanguage(is_html=False)
_HTML = TemplateLanguage(is_html=True)


class RenderingError(Exception):
    """The template cannot be rendered with these variables. The message names what is wrong, no value."""


def language_of(is_html: bool) -> TemplateLanguage:
    """Returns the language of texts, or of pages, where values are escaped."""
    return _HTML if is_html else _TEXT


@lru_cache(maxsize=COMPILED_MAX)
def compile_source(source: str, is_html: bool) -> Template:
    """Returns the template's code; raises ForbiddenTemplateError, with the line where it is known."""
    if len(source) > SOURCE_LENGTH_MAX:
        raise ForbiddenTemplateError(f"A template has at most {SOURCE_LENGTH_MAX} characters")
    language = language_of(is_html)
    try:
        refuse_forbidden(language.parse(source))
        return language.from_string(source)
    except TemplateSyntaxError as error:
        raise ForbiddenTemplateError(error.message or "It is not a template", error.lineno) from error
    except (TemplateError, RecursionError) as error:
        raise ForbiddenTemplateError("It cannot be compiled") from error


def render_source(source: str, variables: Mapping[str, Any], *, is_html: bool) -> str:
    """Returns the text; raises ForbiddenTemplateError, RenderingError."""
    template = compile_source(source, is_html)
    parts: list[str] = []
    length = 0
    try:
        for part in template.generate(**variables):
            length += len(part)
            if length > RENDERED_LENGTH_MAX:
                raise RenderingError(f"It grows beyond {RENDERED_LENGTH_MAX} characters")
            parts.append(part)
    except TemplateError as error:
        raise RenderingError(error.message or "A variable is missing") from error
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise RenderingError(f"A value is not what its filter takes: {type(error).__name__}") from error
    return "".join(parts)
