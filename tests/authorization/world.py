"""A supergraph with something protected of every kind, and its router; the log tells what was fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.authentication import ANONYMOUS, Viewer
from router.config import AuthorizationConfig
from router.executor.transport.client import RequestScope
from router.pipeline.authorization import Authorization, PolicyDecisions
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Access, Router
from router.supergraph import load_supergraph
from tests.support.fetch_log import FetchLog
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", '
    '"@requires", "@shareable", "@authenticated", "@requiresScopes", "@policy"])\n'
)
SUBGRAPHS = {
    "people": LINK
    + """
type Query {
  me: Person
  people: [Person!]!
  audit: String @authenticated
  strict: String! @authenticated
  ledger: Ledger
  things: [Thing!]!
  thing: Thing
  anything: [Any]
  level: Level
  stamp: Stamp
  vault: Vault
}
type Mutation { rename(name: String): Person @requiresScopes(scopes: [["people:write"]]) }
interface Thing { id: ID! label: String }
type Person implements Thing @key(fields: "id") {
  id: ID!
  label: String
  name: String
  email: String @authenticated
  salary: Int @requiresScopes(scopes: [["payroll:read", "people:read"], ["admin"]])
  phone: String! @authenticated
  boss: Person
  score: Int @policy(policies: [["trusted"]])
}
type Ledger implements Thing @key(fields: "id") @authenticated { id: ID! label: String lines: Int }
type Place implements Thing @key(fields: "id") { id: ID! label: String @authenticated city: String }
union Any = Person | Ledger
enum Level @authenticated { LOW HIGH }
scalar Stamp @requiresScopes(scopes: [["stamps"]])
type Vault @key(fields: "id") { id: ID! }
""",
    "shop": LINK
    + """
type Person @key(fields: "id") {
  id: ID!
  salary: Int @shareable @authenticated @requiresScopes(scopes: [["hr"]])
  email: String @external
  greeting: String @requires(fields: "email") @authenticated
  orders: [Order!]!
}
type Order { id: ID! total: Int secret: String @authenticated }
""",
}
SUBGRAPHS["people"] = SUBGRAPHS["people"].replace("salary: Int @requires", "salary: Int @shareable @requires")
RECORDS: Mapping[str, Mapping[str, Any]] = {
    "Query": {
        "me": "@Person:1",
        "people": ["@Person:1", "@Person:4"],
        "ledger": "@Ledger:2",
        "things": ["@Person:1", "@Ledger:2", "@Place:3"],
        "thing": "@Ledger:2",
        "anything": ["@Ledger:2", "@Person:1"],
        "level": "HIGH",
        "stamp": "s",
        "audit": "all is well",
        "vault": "@Vault:5",
    },
    "Mutation": {"rename": "@Person:1"},
    "Person:1": {
        "label": "Amina",
        "name": "Amina",
        "email": "amina@shop.example",
        "salary": 900,
        "phone": "0550",
        "score": 7,
        "boss": "@Person:4",
        "orders": ["@Order:1", "@Order:2"],
    },
    "Person:4": {"label": "Bilal", "name": "Bilal", "boss": None, "orders": []},
    "Ledger:2": {"label": "Ledger", "lines": 3},
    "Place:3": {"label": "Oran", "city": "Oran"},
    "Order:1": {"total": 5, "secret": "x"},
    "Order:2": {"total": 6, "secret": "y"},
}


def viewer(*scopes: str, id: str = "u1") -> Viewer:  # noqa: A002 - as the viewer has it
    """Returns somebody who holds these scopes."""
    return Viewer(id, scopes=frozenset(scopes), claims={"sub": id}, key=f"{id}:{' '.join(sorted(scopes))}")


@dataclass(slots=True)
class World:
    """The router and what its subgraphs were asked."""

    router: Router
    log: FetchLog

    async def ask(self, query: str, who: Viewer = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        """Returns the whole response; the log holds the fetches of this operation alone."""
        self.log.clear()
        context = RequestContext(scope=RequestScope(caller=who))
        result = await self.router.execute(GraphQLRequest(query, None, variables), context)
        assert self.log.complaints == []
        return result.to_map()

    @property
    def fetched(self) -> str:
        """The texts of what subgraphs were asked."""
        return "\n".join(fetch.query for fetch in self.log.fetches)


def world(
    config: AuthorizationConfig | None = None, policies: PolicyDecisions | None = None, **options: Any
) -> World:
    """Returns the router over the supergraph above."""
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    federation = local_federation(SUBGRAPHS, RECORDS)
    access = Access(None, Authorization(config or AuthorizationConfig(), policies))
    router = Router(load_supergraph(sdl), federation.subgraph_clients(), access=access, **options)
    return World(router, federation.log)


def denials(response: Mapping[str, Any]) -> list[list[str | int]]:
    """Returns the paths of what was denied, in order; nothing else may have gone wrong."""
    errors = response.get("errors", [])
    assert {error["extensions"]["code"] for error in errors} <= {"UNAUTHORIZED_FIELD_OR_TYPE"}, errors
    return [error["path"] for error in errors]
