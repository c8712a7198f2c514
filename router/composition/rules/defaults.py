"""Compares default values of one argument or input field."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import print_ast

from router.composition.merge.view import InputSource
from router.composition.rules.arguments import by_subgraph


def default_conflict(sources: Sequence[InputSource]) -> str | None:
    """Says which subgraph gives which default when they differ; a default that is only missing is no
    conflict.
    """
    given = [(s.subgraph, print_ast(s.value.default)) for s in sources if s.value.default is not None]
    return by_subgraph(given) if len({text for _, text in given}) > 1 else None
