"""Who resolves a field, with interface objects and overrides taken into account."""

from __future__ import annotations

from router.composition.merge.view import FieldSource, SubgraphsView
from router.composition.subgraph.model import Kind


def resolving_sources(view: SubgraphsView, coordinate: str) -> list[FieldSource]:
    """The definitions by which subgraphs resolve an object's field; none for fields of interfaces."""
    type_name, _, name = coordinate.partition(".")
    kind = view.kind_of(type_name)
    candidates = list(view.fields[coordinate])
    if kind is Kind.INTERFACE:
        # The interface's own declarations resolve nothing; the objects that stand for it do.
        candidates = [s for s in candidates if s.subgraph.types[type_name].is_interface_object]
    elif kind is Kind.OBJECT:
        candidates += _through_interface_objects(view, type_name, name)
    return [source for source in candidates if _resolves(view, source)]


def _through_interface_objects(view: SubgraphsView, type_name: str, name: str) -> list[FieldSource]:
    interfaces = {i for source in view.types[type_name] for i in source.definition.interfaces}
    return [
        FieldSource(source.subgraph, source.definition.fields[name])
        for interface in sorted(interfaces)
        for source in view.interface_object_sources(interface)
        if name in source.definition.fields
    ]


def _resolves(view: SubgraphsView, source: FieldSource) -> bool:
    coordinate = source.field.coordinate
    if source.is_external or view.overrides.is_moved_away(source.subgraph, coordinate):
        return False
    # While a labelled override is in progress, both definitions are meant to stand.
    place = (source.subgraph.name, coordinate)
    return place not in view.overrides.labels or source.field.has("override")
