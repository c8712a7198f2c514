"""Emits the supergraph document: the merged schema with the join facts a router plans by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from router.composition.emit.join_directives import carried_links, join_directives
from router.composition.emit.printing import SchemaPrinter, print_directive
from router.composition.merge.merge import ROOTS
from router.composition.merge.model import (
    JoinField,
    JoinType,
    MergedElement,
    MergedField,
    MergedInput,
    MergedSchema,
    MergedType,
    MergedValue,
)
from router.federation.features import FEATURES, Feature
from router.federation.join import JOIN_DIRECTIVES, JOIN_TYPES, JOIN_URL, LINK_URL
from router.federation.link import LinkUrl


def emit_supergraph(schema: MergedSchema) -> str:
    """Print the supergraph in the join specification, v0.5; sorted, so that equal inputs give equal text."""
    printer = SchemaPrinter(lambda _: True, lambda _: True, lambda element: _directives(schema, element))
    features = [feature for feature in FEATURES.values() if _is_used(schema, feature)]
    parts = [_schema_definition(schema, features), JOIN_DIRECTIVES]
    parts += [text for feature in features for text in _feature_definitions(schema, feature)]
    parts += [printer.print_directive_definition(d) for d in schema.directive_definitions]
    parts += [JOIN_TYPES, _graph_enum(schema)]
    parts += [text for feature in features for text in feature.types.values()]
    parts += [printer.print_type(merged) for merged in schema.types.values()]
    return "\n\n".join(parts) + "\n"


def _schema_definition(schema: MergedSchema, features: list[Feature]) -> str:
    links = [f'@link(url: "{LINK_URL}")', f'@link(url: "{JOIN_URL}", for: EXECUTION)']
    links += [_feature_link(schema, feature) for feature in features]
    links += _composed_links(schema)
    links += [print_directive(applied) for applied in schema.schema_directives]
    links += carried_links(schema)
    roots = [f"  {root.lower()}: {root}" for root in ROOTS if root in schema.types]
    return "schema\n" + "".join(f"  {link}\n" for link in links) + "{\n" + "\n".join(roots) + "\n}"


def _feature_link(schema: MergedSchema, feature: Feature) -> str:
    # A directive that is called as its feature needs no import.
    names = [(name, schema.directive_names.get(name, name)) for name in feature.directives]
    imported = [
        (name, local) for name, local in names if not local == feature.name == name and "__" not in name
    ]
    imports = f", import: [{_imports(imported)}]" if imported else ""
    purpose = f", for: {feature.purpose}" if feature.purpose else ""
    return f'@link(url: "{feature.url}"{imports}{purpose})'


def _imports(names: Iterable[tuple[str, str]]) -> str:
    return ", ".join(
        f'"@{name}"' if name == local else f'{{name: "@{name}", as: "@{local}"}}' for name, local in names
    )


def _feature_definitions(schema: MergedSchema, feature: Feature) -> list[str]:
    return [
        f"directive @{schema.directive_names.get(name, name)}{shape}"
        for name, shape in feature.directives.items()
    ]


def _composed_links(schema: MergedSchema) -> list[str]:
    imports: dict[str, dict[str, str]] = {}
    newest: dict[str, LinkUrl] = {}
    urls: dict[str, str] = {}
    for request in schema.view.composed.requests:
        if request.link is not None and request.definition is not None:
            url = request.link.url
            imports.setdefault(url.identity, {})[request.element] = request.local_name
            # Minor versions of one feature are compatible, so the newest one stands for all.
            if (url.version or (0, 0)) >= (newest.get(url.identity, url).version or (0, 0)):
                newest[url.identity], urls[url.identity] = url, request.link.raw_url
    return [
        f'@link(url: "{urls[identity]}", import: [{_imports(sorted(names.items()))}])'
        for identity, names in sorted(imports.items())
    ]


def _is_used(schema: MergedSchema, feature: Feature) -> bool:
    names = {schema.directive_names.get(name, name) for name in feature.directives}
    return any(applied.name in names for element in _elements(schema) for applied in element.directives)


def _elements(schema: MergedSchema) -> Iterator[MergedElement]:
    yield MergedElement("schema", "schema", None, schema.schema_directives)
    for merged in schema.types.values():
        yield merged
        yield from merged.values.values()
        yield from merged.input_fields.values()
        for field in merged.fields.values():
            yield field
            yield from field.arguments.values()


def _graph_enum(schema: MergedSchema) -> str:
    lines = [
        f"  {subgraph.graph} "
        f"@join__graph(name: {json.dumps(subgraph.name)}, url: {json.dumps(subgraph.source.url)})"
        for subgraph in schema.view.subgraphs
    ]
    return "enum join__Graph {\n" + "\n".join(lines) + "\n}"


def _directives(schema: MergedSchema, element: MergedElement) -> list[str]:
    own = [print_directive(applied) for applied in element.directives]
    match element:
        case MergedType():
            return [*_type_facts(element), *own, *join_directives(schema, element)]
        case MergedField():
            return [*own, *map(_join_field, element.joins), *join_directives(schema, element)]
        case MergedInput():
            return [*own, *map(_join_field, element.joins)]
        case MergedValue():
            return [*own, *(f"@join__enumValue(graph: {graph})" for graph in element.graphs)]
    return own


def _type_facts(merged: MergedType) -> list[str]:
    facts = [
        f'@join__implements(graph: {graph}, interface: "{interface}")'
        for interface, graphs in merged.implements.items()
        for graph in graphs
    ]
    facts += [_join_type(join) for join in merged.joins]
    facts += [
        f'@join__unionMember(graph: {graph}, member: "{member}")'
        for member, graphs in merged.members.items()
        for graph in graphs
    ]
    return facts


def _join_type(join: JoinType) -> str:
    parts = [f"graph: {join.graph}"]
    if join.key is not None:
        parts.append(f"key: {_string(join.key)}")
    if join.extension:
        parts.append("extension: true")
    if not join.resolvable:
        parts.append("resolvable: false")
    if join.is_interface_object:
        parts.append("isInterfaceObject: true")
    return f"@join__type({', '.join(parts)})"


def _join_field(join: JoinField) -> str:
    parts = [f"graph: {join.graph}"] if join.graph else []
    for name, text in (("requires", join.requires), ("provides", join.provides), ("type", join.type)):
        if text is not None:
            parts.append(f"{name}: {_string(text)}")
    if join.external:
        parts.append("external: true")
    if join.override is not None:
        parts.append(f"override: {_string(join.override)}")
    if join.used_overridden:
        parts.append("usedOverridden: true")
    if join.override_label is not None:
        parts.append(f"overrideLabel: {_string(join.override_label)}")
    if join.context_arguments:
        arguments = ", ".join(
            f"{{name: {_string(a.name)}, type: {_string(a.type)}, context: {_string(a.context)}, "
            f"selection: {_string(a.selection)}}}"
            for a in join.context_arguments
        )
        parts.append(f"contextArguments: [{arguments}]")
    return f"@join__field({', '.join(parts)})" if parts else "@join__field"


def _string(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
