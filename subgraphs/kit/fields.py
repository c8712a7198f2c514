"""The decorators a domain's schema is written with: each states who may reach the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry import federation
from strawberry.extensions import FieldExtension

from subgraphs.kit.access import Access, RequireAccess
from subgraphs.kit.audit.extension import Audited
from subgraphs.kit.mutations import OneTransaction, RefusalsAsData
from subgraphs.kit.pagination.listing import PagedBy

Decorator = Callable[[Callable[..., Any]], Any]
Directives = Sequence[object]


def query(
    *, allow: Access, name: str | None = None, description: str | None = None, directives: Directives = ()
) -> Decorator:
    """Makes a root query field."""
    return strawberry.field(
        name=name, description=description, extensions=[RequireAccess(allow)], directives=directives
    )


def listing(
    *, allow: Access, name: str | None = None, description: str | None = None, directives: Directives = ()
) -> Decorator:
    """Makes a list field: the resolver's `page: PageArguments` becomes first, after, last and before."""
    extensions = [PagedBy(), RequireAccess(allow)]
    return strawberry.field(name=name, description=description, extensions=extensions, directives=directives)


def mutation(
    *,
    allow: Access,
    audit: bool = False,
    name: str | None = None,
    description: str | None = None,
    directives: Directives = (),
) -> Decorator:
    """Makes a mutation that runs in one transaction; DomainErrors become the payload's `userErrors`.

    A call that a permission admits is audited by itself; `audit` is for those whose use-case asks for a
    privilege that the rule does not name.
    """
    # The last extension is the outermost: access, refusals, the audit, then the transaction.
    extensions = [OneTransaction(), *_audited(allow, always=audit), RefusalsAsData(), RequireAccess(allow)]
    return strawberry.mutation(
        name=name, description=description, extensions=extensions, directives=directives
    )


def saga(
    *, allow: Access, audit: bool = False, name: str | None = None, description: str | None = None
) -> Decorator:
    """Makes a mutation whose use-case opens several short transactions itself (`context.database`)."""
    extensions = [*_audited(allow, always=audit, is_saga=True), RefusalsAsData(), RequireAccess(allow)]
    return strawberry.mutation(name=name, description=description, extensions=extensions)


def _audited(rule: Access, *, always: bool, is_saga: bool = False) -> list[FieldExtension]:
    return [Audited(rule, always=always, is_saga=is_saga)] if always or rule.may_take_privilege() else []


def guarded(*, allow: Access, **federation_options: Any) -> Decorator:
    """Makes a field of an object type that only some viewers may read; options are federation.field's."""
    return federation.field(extensions=[RequireAccess(allow)], **federation_options)
