"""A stranger at every door: each query, mutation, feed and entity of every subgraph, found by looking.

One shop (B) is full of things. Two strangers knock with B's ids: the owner of another organization (A), who
may do everything there, and somebody without any credentials; through the router and at the subgraph itself.
No word of B comes back, and no row of B changes. What is new in a schema is tried by itself; what no
arguments can be written for fails, until it is listed with a reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLField, GraphQLSchema, GraphQLUnionType

from router.realtime import Audience, UnmetConditionError, bind_feed
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.ids import read_id
from tests.isolation.arguments import CannotGenerateError, DocumentWriter, Targets
from tests.isolation.belongings import Belongings, belongings
from tests.support.platform import RunningPlatform, running_platform
from tests.support.populated_shop import PopulatedShop, populate, sign_up
from tests.support.subgraph import Caller

EVERYTHING = ("*",)
# Tables that a shop shows to everybody, with the reason. Drafts in them are nobody's business all the same.
OPEN_TABLES = {
    "products": "the catalogue is public",
    "product_slugs": "the catalogue is public",
    "product_tags": "the catalogue is public",
    "variants": "the catalogue is public",
    "categories": "the catalogue is public",
    "tags": "the catalogue is public",
}
# Fields that cannot be tried by generated arguments, with the reason.
NOT_TRIED: Mapping[str, str] = {
    "Query._service": "the schema itself, which has no viewer",
    "Query._entities": "tried type by type",
}


@dataclass(slots=True)
class Matrix:
    """What was tried, and what went wrong."""

    platform: RunningPlatform
    shop: PopulatedShop
    before: Belongings
    strangers: Mapping[str, Caller | None]
    tried: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def targets(self) -> Targets:
        """The ids strangers knock with."""
        known = {kind: [*ids] for kind, ids in self.before.ids.items()}
        return Targets({**known, **{kind: [*ids] for kind, ids in self.shop.ids.items()}})

    async def try_all(self) -> None:
        """Knocks everywhere."""
        for app in self.platform.platform.domains:
            schema = app.schema.core
            await self._try_roots(app, schema)
            await self._try_entities(app, schema)
        api = self.platform.platform.router.supergraph.api_schema
        await self._try_roots(None, api)
        await self._look_for_changes("at the end")

    async def _try_roots(self, app: SubgraphApp | None, schema: GraphQLSchema) -> None:
        writer = DocumentWriter(schema, self.targets)
        for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
            for name, one in (root.fields if root is not None else {}).items():
                if f"{root.name if root else ''}.{name}" in NOT_TRIED:
                    continue
                await self._try_field(app, writer, (kind, name, one))
            if kind == "mutation":
                await self._look_for_changes(f"by the mutations of {app.name if app else 'the router'}")

    async def _try_field(
        self, app: SubgraphApp | None, writer: DocumentWriter, what: tuple[str, str, GraphQLField]
    ) -> None:
        kind, name, one = what
        try:
            attempts = list(writer.attempts(kind, name, one))
        except CannotGenerateError as error:
            self.problems.append(
                f"{kind} {name} of {_place(app)} cannot be tried: {error}; list it with a reason"
            )
            return
        for document, variables in attempts:
            for who, caller in self.strangers.items():
                response = await self._ask(app, document, variables, caller)
                self.tried[kind] += 1
                self._look(f"{kind} {name} of {_place(app)} as {who}", response, variables)

    async def _try_entities(self, app: SubgraphApp, schema: GraphQLSchema) -> None:
        union = schema.type_map.get("_Entity")
        if not isinstance(union, GraphQLUnionType):
            return
        writer = DocumentWriter(schema, self.targets)
        document = "query Attempt($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {0} {1} }} }}"
        for type_ in union.types:
            selection = writer.selection(type_, 2)
            for target in self.targets.for_argument("id", type_.name):
                variables = {"r": [{"__typename": type_.name, "id": target}]}
                for who, caller in self.strangers.items():
                    text = document.format(type_.name, selection)
                    response = await self._ask(app, text, variables, caller)
                    self.tried["entity"] += 1
                    self._look(f"entity {type_.name} of {app.name} as {who}", response, variables)

    async def _ask(
        self, app: SubgraphApp | None, document: str, variables: Mapping[str, Any], caller: Caller | None
    ) -> Mapping[str, Any]:
        if app is None:
            return await self.platform.execute(document, variables, caller)
        return await app.execute(document, variables, None, caller.headers if caller is not None else {})

    def _look(self, what: str, response: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        codes = {error.get("extensions", {}).get("code") for error in response.get("errors", ())}
        if "GRAPHQL_VALIDATION_FAILED" in codes:
            self.problems.append(f"{what} was no valid document: {response['errors'][0]['message']}")
        if "INTERNAL_SERVER_ERROR" in codes:
            self.problems.append(f"{what} met a fault: {json.dumps(response['errors'])[:300]}")
        answer = json.dumps(response.get("data"), default=str)
        sent = json.dumps(variables)
        leaked = [word for word in self.before.words if word in answer and word not in sent]
        if leaked:
            self.problems.append(f"{what} told {sorted(leaked)[:3]} of the other shop")

    async def _look_for_changes(self, when: str) -> None:
        now = await read_belongings(self.platform, self.shop)
        changed = [table for table, rows in self.before.rows.items() if now.rows.get(table) != rows]
        if changed:
            self.problems.append(f"rows of the other shop changed {when}: {changed}")
            self.before.rows = now.rows


async def read_belongings(platform: RunningPlatform, shop: PopulatedShop) -> Belongings:
    """Returns what belongs to the shop and its customer."""
    owners = dict.fromkeys((*shop.ids["organization"], *shop.ids["user"]), "B")
    return await belongings(platform.platform.domains, owners, OPEN_TABLES)


async def another_owner(platform: RunningPlatform) -> Caller:
    """Returns the founder of another organization, who may do everything there."""
    founder, founder_id = await sign_up(platform, "Karim", organizationName="Autre Dar")
    query = "{ me { memberships { organization { id } } } }"
    [member] = (await platform.data(query, caller=founder))["me"]["memberships"]
    return platform.user(read_id(founder_id), read_id(member["organization"]["id"]), EVERYTHING)


async def test_nothing_of_one_organization_reaches_another_by_any_door() -> None:
    async with running_platform() as platform:
        shop = await populate(platform)
        before = await read_belongings(platform, shop)
        assert {"order", "warehouse", "product"} <= before.ids.keys()
        assert len(before.words) > 20
        assert before.draft_ids
        strangers = {"the owner of A": await another_owner(platform), "nobody": None}
        matrix = Matrix(platform, shop, before, strangers)
        await matrix.try_all()
        print(f"isolation matrix: {sum(matrix.tried.values())} attempts, {dict(matrix.tried)}")  # noqa: T201 - its size is part of the result
        assert matrix.problems == [], "\n".join(matrix.problems)
        assert matrix.tried["query"] > 50
        assert matrix.tried["mutation"] > 100
        assert matrix.tried["entity"] > 20


async def test_every_feed_asks_who_subscribes() -> None:
    async with running_platform() as platform:
        feeds = [one.feed for one in platform.platform.router.supergraph.subgraphs.values() if one.feed]
        open_to_all = [one.field for one in feeds if _admits(one, {}, {})]
        assert open_to_all == []
        print(f"isolation matrix: {len(feeds)} feeds")  # noqa: T201 - its size is part of the result
        for feed in feeds:
            # The viewer's own claims stand in a condition, whatever arguments are given.
            assert _names_viewer(feed), f"{feed.field} does not ask who subscribes"


def _admits(feed: Any, arguments: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    try:
        bind_feed(feed, Audience(arguments, claims))
    except UnmetConditionError:
        return False
    return True


def _names_viewer(feed: Any) -> bool:
    return "viewer" in repr(feed)


def _place(app: SubgraphApp | None) -> str:
    return app.name if app is not None else "the router"
