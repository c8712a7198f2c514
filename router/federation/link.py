"""The `@link` directive: which features a document uses, at which version, and under which names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from graphql import (
    ConstDirectiveNode,
    ConstListValueNode,
    ConstObjectValueNode,
    DirectiveNode,
    EnumValueNode,
    StringValueNode,
    ValueNode,
)

SPECS = "https://specs.apollo.dev"
LINK_IDENTITY = f"{SPECS}/link"
FEDERATION_IDENTITY = f"{SPECS}/federation"
CORE_IDENTITY = f"{SPECS}/core"

_VERSION = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*\Z")


class LinkError(ValueError):
    """A `@link` does not follow the link specification; `code` is the composition code to report."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """A feature url taken apart: identity without version, short name, version as numbers."""

    identity: str
    name: str | None
    version: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class LinkImport:
    """One imported element; directive names keep their `@`."""

    element: str
    alias: str


@dataclass(frozen=True, slots=True)
class Link:
    """One feature a document links, with the name that prefixes its elements there."""

    raw_url: str
    url: LinkUrl
    alias: str | None
    imports: tuple[LinkImport, ...]
    purpose: str | None
    node: DirectiveNode | None

    @property
    def prefix(self) -> str:
        """The namespace of elements that are not imported."""
        return self.alias or self.url.name or ""

    def local_name(self, element: str) -> str:
        """The name an element of this feature has in the document (directives with their `@`)."""
        for imported in self.imports:
            if imported.element == element:
                return imported.alias
        bare = element.removeprefix("@")
        if element.startswith("@") and bare == self.url.name:
            return "@" + self.prefix
        return f"{'@' if element.startswith('@') else ''}{self.prefix}__{bare}"

    def element_of(self, local_name: str) -> str | None:
        """The element a document's name stands for, or None when the name is not of this feature."""
        for imported in self.imports:
            if imported.alias == local_name:
                return imported.element
        mark = "@" if local_name.startswith("@") else ""
        bare = local_name.removeprefix("@")
        if self.prefix and bare.startswith(self.prefix + "__"):
            return mark + bare[len(self.prefix) + 2 :]
        if mark and bare == self.prefix and not self._imports_elsewhere("@" + (self.url.name or "")):
            return "@" + (self.url.name or "")
        return None

    def _imports_elsewhere(self, element: str) -> bool:
        return any(imported.element == element for imported in self.imports)


def parse_link_url(text: str) -> LinkUrl:
    """Take a feature url apart; raises `LinkError` for what is no url or names a malformed version."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{text}" is not a url: {error}') from error
    if not parts.scheme or not parts.netloc:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{text}" is not an absolute url')
    segments = [segment for segment in parts.path.split("/") if segment]
    base = f"{parts.scheme}://{parts.netloc}"
    version = None
    if segments and (match := _VERSION.match(segments[-1])):
        version = (int(match.group(1)), int(match.group(2)))
        segments.pop()
    elif segments and re.match(r"v\d", segments[-1]):
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{text}" ends in a malformed version "{segments[-1]}"')
    name = segments[-1] if segments and _NAME.match(segments[-1]) else None
    return LinkUrl("/".join([base, *segments]), name, version)


def is_link_of(directive: DirectiveNode, identity: str) -> bool:
    """Whether a schema directive links the feature of this identity."""
    value = next((a.value for a in directive.arguments or () if a.name.value in ("url", "feature")), None)
    return isinstance(value, StringValueNode) and value.value.startswith(identity + "/")


def parse_link(directive: DirectiveNode | ConstDirectiveNode) -> Link:
    """Read one application of `@link` (or `@core`); raises `LinkError` when it breaks the link
    specification.
    """
    arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
    raw = arguments.get("url") or arguments.get("feature")
    if not isinstance(raw, StringValueNode):
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", 'a @link needs its "url" as a string')
    alias = _string(arguments.get("as"), "as")
    if alias is not None and not _NAME.match(alias):
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{alias}" cannot be the namespace of a linked feature')
    purpose = arguments.get("for")
    return Link(
        raw.value,
        parse_link_url(raw.value),
        alias,
        tuple(_imports(arguments.get("import"))),
        purpose.value if isinstance(purpose, EnumValueNode) else None,
        directive,
    )


def _string(value: ValueNode | None, argument: str) -> str | None:
    if value is None or value.kind == "null_value":
        return None
    if not isinstance(value, StringValueNode):
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", f'the argument "{argument}" of a @link is a string')
    return value.value


def _imports(value: ValueNode | None) -> Iterable[LinkImport]:
    if value is None or value.kind == "null_value":
        return
    items = value.values if isinstance(value, ConstListValueNode) else getattr(value, "values", (value,))
    for item in items:
        if isinstance(item, StringValueNode):
            yield LinkImport(item.value, item.value)
        else:
            yield _renamed_import(item)


def _renamed_import(item: ValueNode) -> LinkImport:
    fields = getattr(item, "fields", None)
    if fields is None and not isinstance(item, ConstObjectValueNode):
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", "an import is a name, or {name: ..., as: ...}")
    values = {field.name.value: _string(field.value, field.name.value) for field in fields or ()}
    name, alias = values.get("name"), values.get("as")
    if name is None or set(values) - {"name", "as"}:
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", "an import object has a name and, at most, an as")
    if alias is not None and name.startswith("@") != alias.startswith("@"):
        kind = "a directive" if name.startswith("@") else "a type"
        raise LinkError(
            "INVALID_LINK_DIRECTIVE_USAGE", f'"{name}" is {kind}, so it cannot be imported as "{alias}"'
        )
    return LinkImport(name, alias or name)
