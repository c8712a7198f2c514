"""Which directives reach the supergraph, under which name: federation's own features and
@composeDirective's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.subgraph.model import Applied, DirectiveDefinition, Subgraph
from router.federation.caching import CACHE_IDENTITY
from router.federation.directives import FEDERATION_1
from router.federation.features import FEATURES
from router.federation.link import FEDERATION_IDENTITY, Link

# What may not be composed: it says how the graph is put together and means nothing to a client.
_NOT_COMPOSED = (
    "key",
    "requires",
    "provides",
    "external",
    "extends",
    "shareable",
    "override",
    "composeDirective",
    "interfaceObject",
)


@dataclass(frozen=True, slots=True)
class ComposedDirective:
    """One custom directive a subgraph asks to keep."""

    subgraph: Subgraph
    applied: Applied
    local_name: str
    link: Link | None
    element: str
    definition: DirectiveDefinition | None


@dataclass(frozen=True, slots=True)
class ComposedDirectives:
    """Every request of @composeDirective, and the names of the features federation merges itself."""

    requests: tuple[ComposedDirective, ...]
    feature_names: dict[str, str]

    def keeps(self, subgraph: Subgraph, canonical: str) -> bool:
        """Whether this subgraph's applications of a custom directive are merged."""
        return any(
            request.subgraph is subgraph and "@" + request.local_name == canonical and request.definition
            for request in self.requests
        )


def find_composed_directives(subgraphs: Sequence[Subgraph]) -> ComposedDirectives:
    """Read every @composeDirective, and the name each merged feature is imported under.

    Those of the cache specification are carried per subgraph, so merging them as well would only lose whose
    word each is.
    """
    asked = [
        _request(subgraph, applied)
        for subgraph in subgraphs
        for applied in subgraph.schema_directives
        if applied.name == "composeDirective"
    ]
    requests = tuple(one for one in asked if one.link is None or one.link.url.identity != CACHE_IDENTITY)
    names = {}
    for feature in FEATURES.values():
        for directive in feature.directives:
            imported = [name for subgraph in subgraphs for name in imported_names(subgraph, directive)]
            names[directive] = imported[0] if imported else directive
    return ComposedDirectives(requests, names)


def imported_names(subgraph: Subgraph, directive: str) -> list[str]:
    """The names a document explicitly imports one of federation's features under."""
    if subgraph.version == FEDERATION_1 and not subgraph.links:
        return []
    found = []
    for link in subgraph.links:
        if link.url.identity == FEDERATION_IDENTITY:
            found += [i.alias[1:] for i in link.imports if i.element == "@" + directive]
        elif link.url.name == directive and link.url.identity.startswith("https://specs.apollo.dev/"):
            found.append(link.local_name("@" + directive)[1:])
    return found


def is_composable(canonical: str) -> bool:
    """Whether federation leaves it to the subgraph to compose this directive."""
    return canonical not in _NOT_COMPOSED


def _request(subgraph: Subgraph, applied: Applied) -> ComposedDirective:
    name = applied.text("name") or ""
    local = name.removeprefix("@")
    link, element = None, local
    for candidate in subgraph.links:
        found = candidate.element_of("@" + local)
        if found is not None:
            link, element = candidate, found[1:]
            break
    return ComposedDirective(
        subgraph, applied, local, link, element, subgraph.directive_definitions.get(local)
    )
