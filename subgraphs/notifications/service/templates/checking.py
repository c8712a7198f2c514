"""Holding a version of a template against what it declares, before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson
from jinja2 import TemplateSyntaxError, meta

from subgraphs.kit.locales import Locale
from subgraphs.notifications.service.templates.compiled import RenderingError, compile_source, language_of
from subgraphs.notifications.service.templates.language import ForbiddenTemplateError
from subgraphs.notifications.service.templates.written import (
    HAS_SUBJECT,
    RECIPIENT,
    Reader,
    TemplateText,
    write_text,
)
from subgraphs.notifications.states import Channel

SCHEMA_BYTES_MAX = 20_000
FAULTS_MAX = 20
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$id", "$schema")


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """Why a version cannot be published; `part` is subject, body, html, variables or example."""

    code: str
    part: str
    message: str
    line: int | None = None


def find_template_faults(
    channel: Channel,
    locale: Locale,
    text: TemplateText,
    variables: Mapping[str, Any],
    example: Mapping[str, Any],
) -> tuple[TemplateFault, ...]:
    """Returns what is wrong with a version; nothing when it can be published.

    `variables` is the JSON Schema of an object: the texts use no other names, the example fits it, and with
    the example the texts can be rendered.
    """
    faults = [*_schema_faults(variables, example)]
    declared = set(variables.get("properties", {})) | {RECIPIENT}
    for part, source in (("subject", text.subject), ("body", text.body), ("html", text.html)):
        if source is not None:
            faults += _source_faults(part, source, declared)
    if channel in HAS_SUBJECT and text.subject is None:
        faults.append(TemplateFault("SUBJECT_MISSING", "subject", f"{channel.value} has a subject"))
    if not faults:
        try:
            write_text(channel, text, example, Reader(locale))
        except RenderingError as error:
            faults.append(TemplateFault("NOT_RENDERED", "example", str(error)))
    return tuple(faults[:FAULTS_MAX])


def variables_fault(variables: Mapping[str, Any], payload: Mapping[str, Any]) -> str | None:
    """Returns what keeps the payload from fitting the schema of the variables, or None."""
    validator = jsonschema_rs.validator_for(dict(variables), validate_formats=True)
    for error in validator.iter_errors(dict(payload)):
        place = ".".join(str(step) for step in error.instance_path) or "variables"
        return f"{place}: {error.message}"[:500]
    return None


def _schema_faults(variables: Mapping[str, Any], example: Mapping[str, Any]) -> Iterator[TemplateFault]:
    if len(orjson.dumps(variables)) > SCHEMA_BYTES_MAX or len(orjson.dumps(example)) > SCHEMA_BYTES_MAX:
        yield TemplateFault(
            "TOO_LARGE", "variables", f"Schema and example have {SCHEMA_BYTES_MAX} bytes at most"
        )
        return
    if variables.get("type") != "object" or not isinstance(variables.get("properties", {}), Mapping):
        yield TemplateFault("BAD_SCHEMA", "variables", "The schema is one of an object with properties")
        return
    if _refers(variables):
        # The validator would fetch what a reference names, from wherever it is.
        yield TemplateFault("BAD_SCHEMA", "variables", f"A schema has none of {', '.join(_REFERENCES)}")
        return
    try:
        fault = variables_fault(variables, example)
    except (ValueError, jsonschema_rs.ValidationError):
        yield TemplateFault("BAD_SCHEMA", "variables", "It is not a JSON Schema")
        return
    if fault is not None:
        yield TemplateFault("EXAMPLE_DOES_NOT_FIT", "example", fault)


def _refers(schema: Any) -> bool:
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            if any(name in each for name in _REFERENCES):
                return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False


def _source_faults(part: str, source: str, declared: set[str]) -> Iterator[TemplateFault]:
    is_html = part == "html"
    try:
        compile_source(source, is_html)
        used = meta.find_undeclared_variables(language_of(is_html).parse(source))
    except (ForbiddenTemplateError, TemplateSyntaxError) as error:
        line = error.line if isinstance(error, ForbiddenTemplateError) else error.lineno
        yield TemplateFault("BAD_TEMPLATE", part, str(error), line)
        return
    for name in sorted(used - declared):
        yield TemplateFault("UNDECLARED_VARIABLE", part, f"`{name}` is not among the declared variables")
