"""Merging of directive applications: what reaches the supergraph, and how several applications become one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence

from graphql import ConstValueNode, IntValueNode, ListValueNode, StringValueNode, print_ast

from router.composition.merge.model import MergedDirective
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Applied, Element, Subgraph

Application = tuple[Subgraph, Applied]
Merge = Callable[[Sequence[Applied]], list[dict[str, str]]]


def merge_directives(
    view: SubgraphsView, sources: Sequence[tuple[Subgraph, Element]]
) -> tuple[MergedDirective, ...]:
    """Merge the applications of every directive the supergraph keeps, in order of name."""
    found: dict[str, list[Applied]] = {}
    for subgraph, element in sources:
        for applied in element.directives:
            if is_merged(view, subgraph, applied.name):
                found.setdefault(applied.name, []).append(applied)
    if not found:
        return ()
    merged = []
    for name in sorted(found):
        printed = printed_name(view, name)
        strategy = _STRATEGIES.get(name) or (_all_distinct if _is_repeatable(view, name) else _most_frequent)
        merged += [MergedDirective(printed, tuple(args.items())) for args in strategy(found[name])]
    return tuple(merged)


def is_merged(view: SubgraphsView, subgraph: Subgraph, name: str) -> bool:
    """Whether applications of this directive reach the supergraph."""
    if name.startswith("@"):
        return view.composed.keeps(subgraph, name)
    return name in _STRATEGIES


def printed_name(view: SubgraphsView, name: str) -> str:
    """The name a directive has in the supergraph."""
    return view.composed.feature_names.get(name, name.removeprefix("@"))


def is_single_with_arguments(view: SubgraphsView, name: str) -> bool:
    """Whether one application's arguments have to be chosen when subgraphs differ."""
    if name.startswith("@"):
        return not _is_repeatable(view, name)
    return _STRATEGIES.get(name) is _most_frequent


def _is_repeatable(view: SubgraphsView, name: str) -> bool:
    return any(
        request.definition is not None and request.definition.repeatable
        for request in view.composed.requests
        if "@" + request.local_name == name
    )


def _texts(applied: Applied) -> dict[str, str]:
    return {name: print_ast(value) for name, value in applied.arguments.items()}


def _once(applications: Sequence[Applied]) -> list[dict[str, str]]:
    return [{}] if applications else []


def _all_distinct(applications: Sequence[Applied]) -> list[dict[str, str]]:
    distinct = {tuple(sorted(_texts(applied).items())): _texts(applied) for applied in applications}
    return list(distinct.values())


def _most_frequent(applications: Sequence[Applied]) -> list[dict[str, str]]:
    counted = Counter(tuple(sorted(_texts(applied).items())) for applied in applications)
    chosen = counted.most_common(1)[0][0]
    return [dict(chosen)]


def _highest_weight(applications: Sequence[Applied]) -> list[dict[str, str]]:
    return [{"weight": str(max(_numbers(applications, "weight"), default=1))}]


def _list_size(applications: Sequence[Applied]) -> list[dict[str, str]]:
    merged: dict[str, str] = {}
    sizes = _numbers(applications, "assumedSize")
    if sizes:
        merged["assumedSize"] = str(max(sizes))
    for name in ("slicingArguments", "sizedFields"):
        texts = {text: None for applied in applications for text in _strings(applied.arguments.get(name))}
        if texts:
            merged[name] = json.dumps(list(texts))
    one = [print_ast(a.arguments["requireOneSlicingArgument"]) for a in applications if _requires_one(a)]
    if one:
        merged["requireOneSlicingArgument"] = "true" if all(text == "true" for text in one) else "false"
    return [merged]


def _requires_one(applied: Applied) -> bool:
    return "requireOneSlicingArgument" in applied.arguments


def _numbers(applications: Sequence[Applied], name: str) -> list[int]:
    values = [applied.arguments.get(name) for applied in applications]
    return [int(value.value) for value in values if isinstance(value, IntValueNode)]


def _strings(value: ConstValueNode | None) -> list[str]:
    items = value.values if isinstance(value, ListValueNode) else (value,)
    return [item.value for item in items if isinstance(item, StringValueNode)]


def all_of_each(argument: str) -> Merge:
    """Each subgraph's requirement is alternatives of sets; to satisfy all, any combination of alternatives
    is joined.
    """

    def merge(applications: Sequence[Applied]) -> list[dict[str, str]]:
        combined = [frozenset[str]()]
        for alternatives in dict.fromkeys(requirement(applied, argument) for applied in applications):
            combined = list(dict.fromkeys(one | other for one in combined for other in alternatives))
        return [{argument: print_alternatives(combined)}]

    return merge


def requirement(applied: Applied, argument: str) -> frozenset[frozenset[str]]:
    """The alternatives of a @requiresScopes or @policy, as sets."""
    value = applied.arguments.get(argument)
    groups = value.values if isinstance(value, ListValueNode) else ()
    return frozenset(frozenset(_strings(group)) for group in groups)


def print_alternatives(alternatives: Sequence[frozenset[str]]) -> str:
    """The argument text of alternatives, in order."""
    # An alternative that contains another one is never the easier way in.
    minimal = [one for one in alternatives if not any(other < one for other in alternatives)]
    return json.dumps(sorted(sorted(group) for group in minimal), ensure_ascii=False)


_STRATEGIES: dict[str, Merge] = {
    "inaccessible": _once,
    "authenticated": _once,
    "oneOf": _once,
    "tag": _all_distinct,
    "deprecated": _most_frequent,
    "specifiedBy": _most_frequent,
    "cost": _highest_weight,
    "listSize": _list_size,
    "requiresScopes": all_of_each("scopes"),
    "policy": all_of_each("policies"),
}
