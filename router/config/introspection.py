"""Who may ask for the schema."""

from __future__ import annotations

from pydantic import Field, SecretStr

from router.config.section import Section


class IntrospectionConfig(Section):
    """Introspection: off, but for those who are permitted."""

    enabled: bool = False
    """For everybody. A schema that anybody can read tells where to look; `zellige dev` switches it on."""
    scopes: tuple[str, ...] = Field(default=(), max_length=100)
    """Viewers with one of these scopes may introspect all the same."""
    key: SecretStr | None = Field(default=None, min_length=16)
    """Who sends it as `x-zellige-introspection` may, too: tools that have no viewer."""

    @property
    def hides_suggestions(self) -> bool:
        """Whether errors leave out "Did you mean ...", which spells the schema to whoever guesses."""
        return not self.enabled
