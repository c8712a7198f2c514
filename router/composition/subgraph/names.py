"""How names of a document map to features: imports, renames, namespaces and Federation 1's bare names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from graphql import (
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
)

from router.federation.caching import CACHE_IDENTITY, SCOPE_TYPE
from router.federation.directives import (
    FEDERATION_1,
    FEDERATION_SCALARS,
    GRAPHQL_DIRECTIVES,
    DirectiveShape,
    Version,
    shapes_at,
)
from router.federation.link import (
    CORE_IDENTITY,
    FEDERATION_IDENTITY,
    LINK_IDENTITY,
    SPECS,
    Link,
    is_link_of,
)

# Features that federation absorbed but that a subgraph may still link by their own url.
STANDALONE_FEATURES = {
    f"{SPECS}/{name}": name
    for name in ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context", "cost")
}


@dataclass(frozen=True)
class DocumentNames:
    """The names one document uses, resolved through its links."""

    links: tuple[Link, ...]
    version: Version

    @cached_property
    def shapes(self) -> dict[str, DirectiveShape]:
        return shapes_at(self.version)

    @cached_property
    def federation(self) -> Link | None:
        return next((link for link in self.links if link.url.identity == FEDERATION_IDENTITY), None)

    @cached_property
    def link_directives(self) -> frozenset[str]:
        """What the document calls `@link` (or `@core`)."""
        names = {link.prefix for link in self.links if link.url.identity in (LINK_IDENTITY, CORE_IDENTITY)}
        return frozenset(names or {"link"})

    def canonical(self, name: str) -> str:
        """The canonical name of a directive: bare for federation's and GraphQL's, `@name` for any other."""
        if name in GRAPHQL_DIRECTIVES:
            return name
        for link in self.links:
            element = link.element_of("@" + name)
            if element is not None and self._is_federations(link, element[1:]):
                return element[1:]
        if self.federation is None and self.version == FEDERATION_1 and name in self.shapes:
            return name
        return "@" + name

    def _is_federations(self, link: Link, element: str) -> bool:
        if link.url.identity == FEDERATION_IDENTITY:
            return element in self.shapes
        return link.url.identity in STANDALONE_FEATURES and element in shapes_at((2, 14))

    def local_directive(self, element: str) -> str:
        """What the document calls a federation directive, without `@`."""
        for link in self.links:
            if STANDALONE_FEATURES.get(link.url.identity) == element:
                return link.local_name("@" + element)[1:]
        return self.federation.local_name("@" + element)[1:] if self.federation else element

    def local_scalar(self, element: str) -> str:
        """What the document calls one of federation's scalars."""
        if self.federation is None:
            return "_FieldSet" if element == "FieldSet" else f"federation__{element}"
        return self.federation.local_name(element)

    @cached_property
    def feature_scalars(self) -> frozenset[str]:
        return frozenset(self.local_scalar(element) for element in FEDERATION_SCALARS)

    @cached_property
    def cache_link(self) -> Link | None:
        """The link of the cache specification."""
        return next((link for link in self.links if link.url.identity == CACHE_IDENTITY), None)

    @cached_property
    def cache_types(self) -> frozenset[str]:
        """The names of its one type, also the bare one that schema libraries give it."""
        link = self.cache_link
        return frozenset((SCOPE_TYPE, link.local_name(SCOPE_TYPE)) if link is not None else ())

    def is_feature_type(self, name: str) -> bool:
        """Whether a type belongs to a linked specification, so that it is not merged."""
        if name in self.feature_scalars or name in self.cache_types:
            return True
        prefix, separator, _ = name.partition("__")
        if not separator:
            return False
        return prefix in ("link", "core", "federation") or any(
            prefix == link.prefix
            and (link.url.identity in (FEDERATION_IDENTITY, LINK_IDENTITY, CORE_IDENTITY))
            for link in self.links
        )


def link_directives(document: DocumentNode) -> list[DirectiveNode]:
    """The applications of `@link` on the schema, whatever the document calls it."""
    applied = [directive for node in document.definitions for directive in _schema_directives(node)]
    for identity in (LINK_IDENTITY, CORE_IDENTITY):
        own = next((directive for directive in applied if is_link_of(directive, identity)), None)
        if own is not None:
            return [directive for directive in applied if directive.name.value == own.name.value]
    return [directive for directive in applied if directive.name.value in ("link", "core")]


def _schema_directives(node: DefinitionNode) -> tuple[DirectiveNode, ...]:
    if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
        return tuple(node.directives or ())
    return ()
