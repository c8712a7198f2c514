"""What a selection of a subgraph's document amounts to: its age, its scope, the types within it.

The rules are those the field knows from @cacheControl: a field takes the age it states itself, else the age
of its type; a field of scalar type, or one that inherits, takes that of the object it stands in; any other
has none, which is a gap. Scopes go the same way, and what states none is unstated; but a type that is public
says nothing of who may know which objects a field leads to, so a field that states nothing itself is never
more public than the object it stands in, and at the root it is unstated. Where the concrete type is not
known, the strictest of what it may be counts: privacy must not depend on the way data is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from router.cache.declarations import Hint, SubgraphDeclarations
from router.cache.policy import DeclaredPolicy, Scope
from router.supergraph import Supergraph

NO_HINT = Hint()


@dataclass(slots=True)
class SelectionWalk:
    """Collects the hints of a selection of one subgraph."""

    supergraph: Supergraph
    graph: str
    declared: SubgraphDeclarations
    fragments: dict[str, FragmentDefinitionNode]
    ages: list[float] = field(default_factory=list)
    has_gap: bool = False
    scope: Scope = Scope.PUBLIC
    types: set[str] = field(default_factory=set)

    def policy(self) -> DeclaredPolicy:
        """Returns what was found."""
        return DeclaredPolicy(min(self.ages, default=None), self.has_gap, self.scope)

    def enter_object(self, type_name: str, selections: SelectionSetNode, only: str | None = None) -> None:
        """Walks an entity: `type_name` states its age itself. `only` leaves out fragments of other types."""
        # The key says which object it is, so here the type speaks for all of it.
        scope = self._take(self._type_hint(type_name), around=None, limit=Scope.PUBLIC)
        self._walk(type_name, selections, scope, only)

    def enter_root(self, type_name: str, node: FieldNode) -> None:
        """Walks a root field, which inherits from nothing."""
        self._enter_field(type_name, node, None)

    def _walk(
        self, type_name: str, selections: SelectionSetNode, scope: Scope, only: str | None = None
    ) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if node.name.value != "__typename":
                    self._enter_field(type_name, node, scope)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(node, InlineFragmentNode), "a selection has three forms"
                condition = node.type_condition.name.value if node.type_condition else type_name
                inner = node.selection_set
            if only is None or self._may_be(only, condition):
                self._enter_fragment(type_name, condition, inner, scope, only)

    def _enter_fragment(
        self, around: str, condition: str, inner: SelectionSetNode, scope: Scope, only: str | None
    ) -> None:
        hint = self._type_hint(condition)
        if condition != around and only is None:
            self.types.add(condition)
            if hint.max_age_s is not None:
                self.ages.append(hint.max_age_s)
            if hint.scope is Scope.PRIVATE:
                self.scope = scope = Scope.PRIVATE
        # Fields of an entity are looked up on its own type: it knows them best.
        self._walk(condition if only is None else only, inner, scope, only)

    def _enter_field(self, parent: str, node: FieldNode, around: Scope | None) -> None:
        name = node.name.value
        facts = self.supergraph.types.get(parent)
        known = facts.fields.get(name) if facts is not None else None
        own = self._strictest_hint(parent, name)
        named_type = known.named_type if known is not None else None
        is_composite = named_type is None or self.supergraph.is_composite(named_type)
        hint = own
        if named_type is not None and is_composite:
            hint = _under(own, self._type_hint(named_type))
            self.types.add(named_type)
        elif around is not None:
            hint = replace(own, inherits=True)
        limit = Scope.UNSTATED if around is None else around
        if own.scope is not None and limit is not Scope.PRIVATE:
            limit = Scope.PUBLIC
        scope = self._take(hint, around=around, limit=limit)
        if node.selection_set is not None:
            self._walk(named_type or "", node.selection_set, scope)

    def _take(self, hint: Hint, *, around: Scope | None, limit: Scope) -> Scope:
        """Counts a hint in; returns the scope that holds below, no more public than `limit`.

        `around` is the scope of the object it stands in; None where there is none to inherit from.
        """
        inherits = hint.inherits and around is not None
        if hint.max_age_s is not None:
            self.ages.append(hint.max_age_s)
        elif not inherits:
            self.has_gap = True
        scope = hint.scope
        if scope is None:
            scope = around if inherits and around is not None else Scope.UNSTATED
        scope = max(scope, limit)
        self.scope = max(self.scope, scope)
        return scope

    def _type_hint(self, type_name: str) -> Hint:
        return self._strictest_hint(type_name, "")

    def _strictest_hint(self, type_name: str, field_name: str) -> Hint:
        """Returns the hint at a place; of an abstract type, also what its possible types say there."""
        own = self.declared.hints.get((type_name, field_name), NO_HINT)
        facts = self.supergraph.types.get(type_name)
        if facts is None or not facts.is_abstract:
            return own
        possible = self.supergraph.possible_types_in(type_name, self.graph)
        others = [self.declared.hints.get((one, field_name), NO_HINT) for one in possible]
        ages = [hint.max_age_s for hint in (own, *others) if hint.max_age_s is not None]
        if not _has_age(own) and not (others and all(map(_has_age, others))):
            self.ages += ages  # known for some of the types only: the gap stays, and these still count
            return Hint(None, _strictest_scope(own, others), inherits=False)
        return Hint(min(ages, default=None), _strictest_scope(own, others), inherits=not ages)

    def _may_be(self, type_name: str, condition: str) -> bool:
        if type_name == condition or condition not in self.supergraph.types:
            return True
        possible = self.supergraph.possible_types_in(condition, self.graph)
        return type_name in possible or bool(
            possible & self.supergraph.possible_types_in(type_name, self.graph)
        )


def _has_age(hint: Hint) -> bool:
    return hint.max_age_s is not None or hint.inherits


def _strictest_scope(own: Hint, others: list[Hint]) -> Scope | None:
    scopes = [hint.scope for hint in others]
    if own.scope is Scope.PRIVATE or Scope.PRIVATE in scopes:
        return Scope.PRIVATE
    if own.scope is None and scopes and all(scope is Scope.PUBLIC for scope in scopes):
        return Scope.PUBLIC
    return own.scope


def _under(field_hint: Hint, type_hint: Hint) -> Hint:
    """Returns what holds for a field that has a hint of its own and one of its type.

    The field's age comes before the type's; privacy of either holds.
    """
    inherits = field_hint.inherits
    if field_hint.max_age_s is None and not inherits:
        age, inherits = type_hint.max_age_s, type_hint.inherits
    else:
        age = field_hint.max_age_s
    scope = type_hint.scope if field_hint.scope is None else field_hint.scope
    if type_hint.scope is Scope.PRIVATE:
        scope = Scope.PRIVATE
    return Hint(age, scope, inherits)
