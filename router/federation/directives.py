"""The federation directives: the version each appeared in, its shape, and the definitions a document may
omit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Version = tuple[int, int]

FEDERATION_1: Version = (1, 0)
LATEST: Version = (2, 14)

_TAG_PLACES = (
    "FIELD_DEFINITION OBJECT INTERFACE UNION ARGUMENT_DEFINITION SCALAR ENUM ENUM_VALUE INPUT_OBJECT "
    "INPUT_FIELD_DEFINITION"
)
_AUTH_PLACES = "FIELD_DEFINITION OBJECT INTERFACE SCALAR ENUM"


@dataclass(frozen=True, slots=True)
class DirectiveShape:
    """What a federation directive looks like at one version; types named in `{braces}` are federation's
    own.
    """

    name: str
    arguments: tuple[tuple[str, str, str | None], ...]
    places: tuple[str, ...]
    repeatable: bool


def known_versions() -> tuple[Version, ...]:
    """Every published version of federation 2."""
    return tuple((2, minor) for minor in range(LATEST[1] + 1))


def shapes_at(version: Version) -> dict[str, DirectiveShape]:
    """The directives a subgraph of this federation version may use, by name."""
    return {shape.name: shape for shape in _shapes(version)}


def version_that_added(name: str) -> Version | None:
    """The first federation 2 version that knows the directive, or None."""
    return next((version for version in known_versions() if name in shapes_at(version)), None)


def _shape(name: str, arguments: str, places: str, repeatable: bool = False) -> DirectiveShape:
    parsed = []
    for part in filter(None, (piece.strip() for piece in arguments.split(","))):
        left, _, default = part.partition(" = ")
        argument, _, type_ = left.partition(": ")
        parsed.append((argument, type_, default or None))
    return DirectiveShape(name, tuple(parsed), tuple(places.split()), repeatable)


def _shapes(version: Version) -> Iterator[DirectiveShape]:
    two = version >= (2, 0)
    key_arguments = "fields: {FieldSet}!, resolvable: Boolean = true" if two else "fields: {FieldSet}!"
    yield _shape("key", key_arguments, "OBJECT INTERFACE", repeatable=True)
    yield _shape("requires", "fields: {FieldSet}!", "FIELD_DEFINITION")
    yield _shape("provides", "fields: {FieldSet}!", "FIELD_DEFINITION")
    yield _shape("external", "reason: String", "OBJECT FIELD_DEFINITION")
    yield _shape("extends", "", "OBJECT INTERFACE")
    schema_place = " SCHEMA" if version >= (2, 3) else ""
    yield _shape("tag", "name: String!", _TAG_PLACES + schema_place, repeatable=True)
    yield _shape("inaccessible", "", _TAG_PLACES)
    for since, shape in _LATER:
        if version >= since:
            yield shape(version)


_LATER: tuple[tuple[Version, Callable[[Version], DirectiveShape]], ...] = (
    ((2, 0), lambda v: _shape("shareable", "", "OBJECT FIELD_DEFINITION", repeatable=v >= (2, 2))),
    (
        (2, 0),
        lambda v: _shape(
            "override", "from: String!" + (", label: String" if v >= (2, 7) else ""), "FIELD_DEFINITION"
        ),
    ),
    ((2, 1), lambda _: _shape("composeDirective", "name: String!", "SCHEMA", repeatable=True)),
    ((2, 3), lambda _: _shape("interfaceObject", "", "OBJECT")),
    ((2, 5), lambda _: _shape("authenticated", "", _AUTH_PLACES)),
    ((2, 5), lambda _: _shape("requiresScopes", "scopes: [[{Scope}!]!]!", _AUTH_PLACES)),
    ((2, 6), lambda _: _shape("policy", "policies: [[{Policy}!]!]!", _AUTH_PLACES)),
    ((2, 8), lambda _: _shape("context", "name: String!", "INTERFACE OBJECT UNION", repeatable=True)),
    ((2, 8), lambda _: _shape("fromContext", "field: {ContextFieldValue}", "ARGUMENT_DEFINITION")),
    (
        (2, 9),
        lambda _: _shape(
            "cost",
            "weight: Int!",
            "ARGUMENT_DEFINITION ENUM FIELD_DEFINITION INPUT_FIELD_DEFINITION OBJECT SCALAR",
        ),
    ),
    (
        (2, 9),
        lambda _: _shape(
            "listSize",
            "assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
            "requireOneSlicingArgument: Boolean = true",
            "FIELD_DEFINITION",
        ),
    ),
    ((2, 12), lambda _: _shape("cacheTag", "format: String!", "OBJECT FIELD_DEFINITION", repeatable=True)),
)

# Scalars of the federation specification, by the element name a @link can import.
FEDERATION_SCALARS = ("FieldSet", "Scope", "Policy", "ContextFieldValue")

# What a subgraph server adds for the router and no composer merges.
MACHINERY_FIELDS = frozenset({"_entities", "_service"})
MACHINERY_TYPES = frozenset({"_Any", "_Entity", "_Service", "_FieldSet"})

# Directives GraphQL itself defines; a document may repeat their definition.
GRAPHQL_DIRECTIVES = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})

BUILT_IN_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
