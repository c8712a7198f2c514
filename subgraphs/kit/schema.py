"""The federation schema of a domain, with entities resolved a whole batch at a time."""

# No `from __future__ import annotations`: Strawberry replaces the return annotation of entities_resolver.

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLSchema
from strawberry import federation
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition

from subgraphs.kit.access import RequireAccess
from subgraphs.kit.caching import CACHE_LINK
from subgraphs.kit.context import Info
from subgraphs.kit.errors import BadUserInput, QueryTooComplex
from subgraphs.kit.event_feeds import is_event_feed
from subgraphs.kit.live_fields import is_live_field
from subgraphs.kit.mutations import RefusalsAsData
from subgraphs.kit.scalars import SCALARS
from subgraphs.kit.user_errors import check_payload_codes

FEDERATION_VERSION = "2.11"


class KitSchema(federation.Schema):
    """A domain's schema.

    Entities declare `async def resolve_references(cls, info, representations) -> list`, which answers all
    representations of that type together, in order, with None for what the viewer may not know of.
    """

    def __init__(
        self,
        *,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        types: Sequence[type] = (),
    ) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
            federation_version=FEDERATION_VERSION,
            schema_directives=[CACHE_LINK],
        )
        _check_roots(query, mutation)
        if subscription is not None:
            _check_subscriptions(subscription)

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core has it."""
        return self._schema

    async def entities_resolver(  # pyright: ignore[reportIncompatibleMethodOverride]  # ours awaits the batches
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Returns the entities in the order of the representations; a type that fails leaves the others."""
        maximum = info.context.settings.entities_max
        if len(representations) > maximum:
            raise QueryTooComplex(f"At most {maximum} entities can be asked for at once", maximum=maximum)
        positions: dict[str, list[int]] = defaultdict(list)
        for index, representation in enumerate(representations):
            positions[_type_name_of(representation)].append(index)
        batches = [
            self._resolve_batch(info, name, [cast("Any", representations[index]) for index in indexes])
            for name, indexes in positions.items()
        ]
        # A router mostly asks for one type at a time, and a task for it would be a detour.
        answers = (
            [await _answer(batches[0])] if len(batches) == 1 else await asyncio.gather(*map(_answer, batches))
        )
        entities: list[Any] = [None] * len(representations)
        for indexes, answer in zip(positions.values(), answers, strict=True):
            for place, index in enumerate(indexes):
                entities[index] = answer if isinstance(answer, Exception) else answer[place]
        return entities

    async def _resolve_batch(
        self, info: Info, type_name: str, representations: list[Mapping[str, Any]]
    ) -> Sequence[Any]:
        known = self.schema_converter.type_map.get(type_name)
        origin = getattr(known.definition, "origin", None) if known is not None else None
        resolve = getattr(origin, "resolve_references", None)
        if resolve is None:
            raise BadUserInput(f"{type_name} is not an entity of this subgraph")
        answer = await resolve(info, representations)
        assert len(answer) == len(representations), f"{type_name} must answer every representation"
        return answer


async def _answer(batch: Awaitable[Sequence[Any]]) -> Sequence[Any] | Exception:
    try:
        return await batch
    except Exception as error:  # noqa: BLE001 - each of the type's entities tells it
        return error


def _type_name_of(representation: Any) -> str:
    # By its exact class first: asking an abstract class is slow.
    is_map = type(representation) is dict or isinstance(representation, Mapping)
    name = representation.get("__typename") if is_map else None
    if not isinstance(name, str):
        raise BadUserInput("Every representation needs a __typename")
    return name


def _check_roots(query: type, mutation: type | None) -> None:
    """Refuses a root field that does not say who may reach it, and payloads that cannot tell refusals."""
    payloads: list[type] = []
    for root in (query, mutation):
        if root is None:
            continue
        definition = cast("StrawberryObjectDefinition", root.__strawberry_definition__)  # pyright: ignore[reportAttributeAccessIssue]  # set by @strawberry.type
        for field in definition.fields:
            if not any(isinstance(extension, RequireAccess) for extension in field.extensions):
                raise TypeError(f"{definition.name}.{field.python_name} does not say who may reach it")
            if any(isinstance(extension, RefusalsAsData) for extension in field.extensions):
                payloads.append(cast("type", field.type))
    check_payload_codes(payloads)


def _check_subscriptions(subscription: type) -> None:
    """Refuses a subscription that is neither a feed nor says who may reach it."""
    definition = cast("StrawberryObjectDefinition", subscription.__strawberry_definition__)  # pyright: ignore[reportAttributeAccessIssue]  # set by @strawberry.type
    for field in definition.fields:
        if not is_event_feed(field) and not is_live_field(field):
            name = f"{definition.name}.{field.python_name}"
            raise TypeError(f"{name} does not say which events make it, nor who may reach it")
