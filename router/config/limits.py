"""What one request may cost."""

from __future__ import annotations

from pydantic import Field

from router.config.section import Section


class LimitsConfig(Section):
    """What one request may cost before it is refused with a code."""

    max_body_bytes: int = Field(default=2_000_000, ge=1)
    """Bytes of an HTTP body, counted before anything is parsed."""
    max_query_string_bytes: int = Field(default=32_768, ge=1)
    """Bytes of the query string of a GET."""
    max_json_depth: int = Field(default=100, ge=2, le=500)
    """Nesting of the JSON body. Above 500, recursive code behind the edge would meet Python's own limit."""
    max_tokens: int = Field(default=15_000, ge=1)
    """Lexical tokens of the document."""
    max_definitions: int = Field(default=500, ge=1, le=900)
    """Operations and fragments of one document: validation follows every fragment from every operation."""
    max_depth: int = Field(default=50, ge=1, le=200)
    """Nesting of selection sets, fragments followed."""
    max_aliases: int = Field(default=200, ge=0)
    max_root_fields: int = Field(default=50, ge=1)
    max_directives: int = Field(default=200, ge=0)
    max_selections: int = Field(default=20_000, ge=1)
    """Fields of the operation once its fragments are written out: its height."""
    max_repetitions: int = Field(default=50_000, ge=1)
    """Pairs of selections with one response path. Each pair is compared in validation, so that a field
    written 1,000 times costs half a million comparisons; tools that write many fragments stay far below."""
    max_list_items: int = Field(default=2_000, ge=1)
    """Items of one list in the document's arguments or in the variables."""
    max_errors: int = Field(default=100, ge=1)
    """Validation stops after so many errors."""
