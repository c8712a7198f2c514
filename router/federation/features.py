"""The specifications a supergraph may carry besides join: their links and directive definitions."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.federation.link import SPECS

_AUTH_PLACES = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
_ALL_PLACES = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | "
    "INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)


@dataclass(frozen=True, slots=True)
class Feature:
    """One specification: its url, its purpose, and its directives as `(arguments) on PLACES` texts."""

    name: str
    version: str
    purpose: str | None
    directives: dict[str, str]
    types: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{SPECS}/{self.name}/{self.version}"


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("tag", "v0.3", None, {"tag": f"(name: String!) repeatable on {_ALL_PLACES} | SCHEMA"}),
        Feature("inaccessible", "v0.2", "SECURITY", {"inaccessible": f" on {_ALL_PLACES}"}),
        Feature("authenticated", "v0.1", "SECURITY", {"authenticated": f" on {_AUTH_PLACES}"}),
        Feature(
            "requiresScopes",
            "v0.1",
            "SECURITY",
            {"requiresScopes": f"(scopes: [[requiresScopes__Scope!]!]!) on {_AUTH_PLACES}"},
            {"requiresScopes__Scope": "scalar requiresScopes__Scope"},
        ),
        Feature(
            "policy",
            "v0.1",
            "SECURITY",
            {"policy": f"(policies: [[policy__Policy!]!]!) on {_AUTH_PLACES}"},
            {"policy__Policy": "scalar policy__Policy"},
        ),
        Feature(
            "cost",
            "v0.1",
            None,
            {
                "cost": "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | "
                "INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
                "listSize": "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
                "requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
            },
        ),
        Feature(
            "context",
            "v0.1",
            "SECURITY",
            {
                "context": "(name: String!) repeatable on INTERFACE | OBJECT | UNION",
                "context__fromContext": "(field: context__ContextFieldValue) on ARGUMENT_DEFINITION",
            },
            {"context__ContextFieldValue": "scalar context__ContextFieldValue"},
        ),
    )
}
