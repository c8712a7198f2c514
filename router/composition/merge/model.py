"""The merged schema: every element once, with the facts of where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.composition.merge.view import FieldSource, SubgraphsView
from router.composition.subgraph.model import Kind


@dataclass(frozen=True, slots=True)
class MergedDirective:
    """One directive application of the supergraph: name without `@`, argument texts in order."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument the router fills from a context."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class JoinField:
    """What one subgraph has to do with a field; no graph means that an interface object resolves it."""

    graph: str | None
    requires: str | None = None
    provides: str | None = None
    type: str | None = None
    external: bool = False
    override: str | None = None
    used_overridden: bool = False
    override_label: str | None = None
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinType:
    """One subgraph's (or one key's) part in a type."""

    graph: str
    key: str | None = None
    extension: bool = False
    resolvable: bool = True
    is_interface_object: bool = False


@dataclass(slots=True)
class MergedElement:
    """What every element has."""

    name: str
    coordinate: str
    description: str | None
    directives: tuple[MergedDirective, ...]

    def has(self, directive: str) -> bool:
        return any(applied.name == directive for applied in self.directives)


@dataclass(slots=True)
class MergedInput(MergedElement):
    """An argument or input field."""

    type: str
    default: str | None
    joins: tuple[JoinField, ...] = ()

    @property
    def is_mandatory(self) -> bool:
        return self.type.endswith("!") and self.default is None


@dataclass(slots=True)
class MergedField(MergedElement):
    """A field of an object or interface type; `sources` are the definitions it was merged from."""

    type: str
    arguments: dict[str, MergedInput]
    joins: tuple[JoinField, ...]
    sources: tuple[FieldSource, ...]


@dataclass(slots=True)
class MergedValue(MergedElement):
    """An enum value and the graphs that define it."""

    graphs: tuple[str, ...]


@dataclass(slots=True)
class MergedType(MergedElement):
    """A type of the supergraph."""

    kind: Kind
    joins: tuple[JoinType, ...]
    implements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: dict[str, MergedField] = field(default_factory=dict)
    input_fields: dict[str, MergedInput] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, MergedValue] = field(default_factory=dict)


@dataclass(slots=True)
class MergedDirectiveDefinition:
    """A directive definition of the supergraph."""

    name: str
    description: str | None
    arguments: dict[str, MergedInput]
    places: tuple[str, ...]
    repeatable: bool


@dataclass(slots=True)
class MergedSchema:
    """The whole supergraph before it is printed."""

    view: SubgraphsView
    types: dict[str, MergedType]
    directive_definitions: tuple[MergedDirectiveDefinition, ...]
    schema_directives: tuple[MergedDirective, ...]
    directive_names: dict[str, str]
    # What a contract hides, by coordinate, with its reason.
    hidden: Mapping[str, str] = field(default_factory=dict)

    def hides(self, element: MergedElement) -> bool:
        """Whether an element is @inaccessible, whatever the supergraph calls that directive."""
        return element.has(self.directive_names["inaccessible"])

    def why_hidden(self, element: MergedElement) -> str:
        """The predicate that says why a hidden element is hidden."""
        return self.hidden.get(element.coordinate, "is @inaccessible")
