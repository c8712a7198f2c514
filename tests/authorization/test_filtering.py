"""What a viewer may not read is null, has an error at its place, and is not fetched."""

from __future__ import annotations

import pytest

from router.authentication import ANONYMOUS
from router.config import AuthorizationConfig
from tests.authorization.world import denials, viewer, world

ALL = viewer("payroll:read", "people:read", "hr", "people:write", "stamps")


async def test_a_field_is_null_for_nobody_and_there_for_a_viewer() -> None:
    running = world()
    response = await running.ask("{ me { name mail: email } audit }")
    assert response["data"] == {"me": {"name": "Amina", "mail": None}, "audit": None}
    assert denials(response) == [["me", "mail"], ["audit"]]
    assert "email" not in running.fetched
    assert "audit" not in running.fetched
    response = await running.ask("{ me { name mail: email } audit }", viewer())
    assert response == {
        "data": {"me": {"name": "Amina", "mail": "amina@shop.example"}, "audit": "all is well"}
    }


async def test_a_null_where_none_may_be_goes_up_as_any_other() -> None:
    running = world()
    response = await running.ask("{ me { name phone boss { name } } level }")
    assert response["data"] == {"me": None, "level": None}
    assert denials(response) == [["me", "phone"], ["level"]]
    response = await running.ask("{ me { name } strict }")
    assert response["data"] is None
    assert denials(response) == [["strict"]]


async def test_errors_stand_at_each_place_of_a_list_and_are_bounded() -> None:
    running = world()
    response = await running.ask("{ me { orders { total secret } } }")
    assert response["data"] == {
        "me": {"orders": [{"total": 5, "secret": None}, {"total": 6, "secret": None}]}
    }
    assert denials(response) == [["me", "orders", 0, "secret"], ["me", "orders", 1, "secret"]]
    bounded = world(AuthorizationConfig(errors_max=1))
    response = await bounded.ask("{ me { orders { secret } } }")
    assert response["data"] == {"me": {"orders": [{"secret": None}, {"secret": None}]}}
    assert denials(response) == [["me", "orders", 0, "secret"]]


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        ((), False),
        (("payroll:read",), False),
        (("payroll:read", "people:read"), False),
        (("hr", "admin"), True),
        (("hr", "payroll:read", "people:read"), True),
        (("hr", "people:read"), False),
    ],
)
async def test_scopes_of_two_subgraphs_must_both_hold(scopes: tuple[str, ...], may: bool) -> None:
    response = await world().ask("{ me { salary } }", viewer(*scopes))
    assert response["data"] == {"me": {"salary": 900 if may else None}}
    assert denials(response) == ([] if may else [["me", "salary"]])


async def test_wildcards_stand_for_scopes_only_where_they_are_told_to() -> None:
    who = viewer("hr", "payroll:*", "people:*")
    strict, wide = world(), world(AuthorizationConfig(wildcard_scopes=True))
    assert denials(await strict.ask("{ me { salary } }", who)) == [["me", "salary"]]
    assert (await wide.ask("{ me { salary } }", who))["data"] == {"me": {"salary": 900}}
    assert (await wide.ask("{ me { salary } }", viewer("*")))["data"] == {"me": {"salary": 900}}


async def test_enums_and_scalars_guard_the_fields_that_return_them() -> None:
    running = world()
    response = await running.ask("{ level stamp }")
    assert response["data"] == {"level": None, "stamp": None}
    assert denials(response) == [["level"], ["stamp"]]
    assert running.log.fetches == []
    assert (await running.ask("{ level stamp }", ALL))["data"] == {"level": "HIGH", "stamp": "s"}


async def test_an_object_of_a_protected_type_is_null_and_the_others_of_its_interface_are_not() -> None:
    running = world()
    query = "{ things { __typename id label ... on Ledger { lines } } }"
    open_ = await running.ask(query, viewer())
    assert open_["data"]["things"][1] == {"__typename": "Ledger", "id": "2", "label": "Ledger", "lines": 3}
    # [Thing!]: one object that may not be seen takes the list with it.
    closed = await running.ask(query)
    assert closed["data"] is None
    assert denials(closed) == [["things", 1]]
    assert "lines" not in running.fetched
    closed = await running.ask("{ anything { ... on Person { name } ... on Ledger { lines label } } }")
    assert closed["data"] == {"anything": [None, {"name": "Amina"}]}
    assert denials(closed) == [["anything", 0]]
    assert "lines" not in running.fetched
    assert denials(await running.ask("{ thing { id } }")) == [["thing"]]


async def test_a_field_of_one_implementation_is_denied_on_its_objects_alone() -> None:
    running = world()
    query = "{ things { id ... on Place { label city } ... on Person { label } } }"
    response = await running.ask(query, viewer())
    assert response["data"]["things"][2] == {"id": "3", "label": "Oran", "city": "Oran"}
    one = await running.ask("{ anything { ... on Thing { label } } }")
    assert one["data"] == {"anything": [None, {"label": "Amina"}]}


async def test_a_field_that_returns_a_protected_type_is_not_asked() -> None:
    running = world()
    response = await running.ask("{ me { id } ledger { id lines } }")
    assert response["data"] == {"me": {"id": "1"}, "ledger": None}
    assert denials(response) == [["ledger"]]
    assert "ledger" not in running.fetched


async def test_an_object_of_which_nothing_may_be_read_is_there_all_the_same() -> None:
    response = await world().ask("{ me { email } people { email } }")
    assert response["data"] == {"me": {"email": None}, "people": [{"email": None}, {"email": None}]}


async def test_what_a_field_requires_is_fetched_though_it_is_protected_itself() -> None:
    running = world()
    response = await running.ask("{ me { greeting } }", viewer())
    assert response["data"]["me"]["greeting"] is not None
    assert "email" in running.fetched
    assert denials(await running.ask("{ me { greeting } }")) == [["me", "greeting"]]
    assert "email" not in running.fetched


async def test_a_mutation_that_may_not_run_does_not_run() -> None:
    running = world()
    response = await running.ask('mutation { rename(name: "x") { name } }', viewer())
    assert response["data"] == {"rename": None}
    assert denials(response) == [["rename"]]
    assert running.log.fetches == []
    response = await running.ask('mutation { rename(name: "x") { name email } }', ALL)
    assert None not in response["data"]["rename"].values()
    assert running.fetched.count("rename") == 1


async def test_skipped_fields_deny_nothing_and_fragments_change_nothing() -> None:
    running = world()
    query = "query Q($all: Boolean!) { me { ...F } } fragment F on Person { name email @include(if: $all) }"
    assert await running.ask(query, all=False) == {"data": {"me": {"name": "Amina"}}}
    assert denials(await running.ask(query, all=True)) == [["me", "email"]]


async def test_introspection_shows_the_same_schema_to_everybody() -> None:
    running = world()
    query = '{ __type(name: "Person") { fields { name } } }'
    for_nobody = await running.ask(query)
    assert {"name": "email"} in for_nobody["data"]["__type"]["fields"]
    assert await running.ask(query, ALL) == for_nobody


async def test_rejecting_refuses_the_whole_operation_with_every_path() -> None:
    running = world(AuthorizationConfig(mode="reject"))
    response = await running.ask("{ me { name email orders { secret } } audit }")
    assert "data" not in response
    assert denials(response) == [["me", "email"], ["me", "orders", "secret"], ["audit"]]
    assert running.log.fetches == []
    assert (await running.ask("{ me { name } }"))["data"] == {"me": {"name": "Amina"}}
    assert "errors" not in await running.ask("{ me { name email } audit }", viewer())


async def test_switched_off_the_directives_say_nothing() -> None:
    response = await world(AuthorizationConfig(enabled=False)).ask("{ audit }")
    assert response == {"data": {"audit": "all is well"}}


async def test_viewers_share_plans_by_what_matters_and_warm_operations_stay_right() -> None:
    running = world(compile_after=1)
    query = "{ me { name email } }"
    for number in range(6):
        who = viewer(f"scope-{number}", id=f"u{number}") if number % 2 else ANONYMOUS
        response = await running.ask(query, who)
        assert denials(response) == ([] if number % 2 else [["me", "email"]])
    entries = {
        reading.labels[0]: reading.value for reading in running.router.readings() if len(reading.labels) == 1
    }
    assert entries["operations"] == 2


async def test_subgraph_errors_and_denials_stand_side_by_side() -> None:
    response = await world().ask("{ me { name email boss { name email } } }")
    assert denials(response) == [["me", "email"], ["me", "boss", "email"]]
