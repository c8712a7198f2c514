"""From what a client sent, an id or a text, to the text that may run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from msgspec.structs import replace

from router.config import DocumentsConfig
from router.errors import ClientError
from router.pipeline.documents.automatic import AutomaticDocuments
from router.pipeline.documents.manifest import hash_of, plain_id
from router.pipeline.documents.trusted import TrustedDocuments
from router.pipeline.request import GraphQLRequest
from router.response.codes import ErrorCode
from router.telemetry.catalogue import DOCUMENTS_UNTRUSTED, Reading

_log = structlog.stdlib.get_logger("router.documents")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNKNOWN_LOGGED_MAX = 1_000
_INTROSPECTION_BYTES_MAX = 20_000
_SCHEMA_FIELDS = frozenset({"__schema", "__type", "__typename"})


class Documents:
    """Trusted and automatic documents of one process."""

    def __init__(
        self, config: DocumentsConfig, trusted: TrustedDocuments | None, automatic: AutomaticDocuments | None
    ) -> None:
        self._config = config
        self.trusted = trusted
        self._automatic = automatic
        self._logged: set[str] = set()
        self._untrusted_total = 0
        self.checks_every_request = trusted is not None

    async def resolve(self, request: GraphQLRequest, *, may_introspect: bool = False) -> GraphQLRequest:
        """Returns the request with the text that runs; raises ClientError when there is none.

        `may_introspect` says whether the client may ask for the schema.
        """
        hash_ = _persisted_hash(request.extensions)
        if not request.query:
            return await self._named(request, hash_)
        if request.document_id is not None:
            raise ClientError(
                "A request has a document or the id of one, not both", ErrorCode.BAD_REQUEST.name
            )
        if self.trusted is not None:
            self._check_text(request, self.trusted, may_introspect=may_introspect)
        if hash_ is None:
            return request
        return await self._registered(request, hash_)

    async def _named(self, request: GraphQLRequest, hash_: str | None) -> GraphQLRequest:
        id_ = hash_ or plain_id(request.document_id or "")
        if self.trusted is not None:
            found = self.trusted.find(id_)
            if found is not None:
                name = request.operation_name or found.name
                return replace(_without_hash(request), query=found.body, operation_name=name, document_id=id_)
        if self._automatic is not None and _SHA256.fullmatch(id_):
            text = await self._automatic.find(id_)
            if text is not None:
                if self.trusted is not None:
                    self._note_untrusted(text, request)
                return replace(_without_hash(request), query=text)
        raise self._not_found(by_hash=hash_ is not None)

    def _not_found(self, *, by_hash: bool) -> ClientError:
        if not by_hash:
            return ClientError("No document has this id", ErrorCode.DOCUMENT_NOT_FOUND.name)
        # The messages are those that clients of automatic persisted queries look for.
        if self._automatic is None and self.trusted is None:
            return ClientError("PersistedQueryNotSupported", ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED.name)
        if self._automatic is None:
            return ClientError("No document has this id", ErrorCode.DOCUMENT_NOT_FOUND.name)
        return ClientError("PersistedQueryNotFound", ErrorCode.PERSISTED_QUERY_NOT_FOUND.name)

    async def _registered(self, request: GraphQLRequest, hash_: str) -> GraphQLRequest:
        if self._automatic is not None:
            if hash_of(request.query) != hash_:
                message = "The SHA-256 is not that of the query"
                raise ClientError(message, ErrorCode.PERSISTED_QUERY_HASH_MISMATCH.name)
            await self._automatic.keep(hash_, request.query)
        return _without_hash(request)

    def _check_text(
        self, request: GraphQLRequest, trusted: TrustedDocuments, *, may_introspect: bool
    ) -> None:
        is_known = trusted.has_text(request.query)
        if self._config.mode != "enforce":
            if not is_known:
                self._note_untrusted(request.query, request)
            return
        if is_known and not self._config.only_ids:
            return
        if self._config.allow_introspection and may_introspect and only_introspects(request.query):
            return
        self._untrusted_total += 1
        message = "Name a published document by its id" if is_known else "This document was not published"
        raise ClientError(message, ErrorCode.DOCUMENT_NOT_TRUSTED.name)

    def _note_untrusted(self, text: str, request: GraphQLRequest) -> None:
        self._untrusted_total += 1
        hash_ = hash_of(text)
        if hash_ in self._logged or len(self._logged) >= _UNKNOWN_LOGGED_MAX:
            return
        self._logged.add(hash_)
        name = (request.operation_name or "")[:200]
        _log.warning("a document that was not published", document_hash=hash_, operation_name=name)

    def readings(self) -> Iterable[Reading]:
        """Returns how many documents are trusted and how many came that are not, for metrics."""
        if self.trusted is not None:
            yield from self.trusted.readings()
            yield Reading(DOCUMENTS_UNTRUSTED, self._untrusted_total)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks for newer trusted documents while the block runs."""
        watching = None
        if self.trusted is not None:
            await self.trusted.start()
            watching = asyncio.create_task(self.trusted.watch())
        try:
            yield
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.wait([watching])
            await self._close()

    async def _close(self) -> None:
        if self._automatic is not None:
            await self._automatic.close()


def open_documents(config: DocumentsConfig) -> Documents:
    """Returns the documents of the settings; a file is read at once, which may raise ManifestError."""
    trusted = None
    if config.mode != "off":
        trusted = TrustedDocuments(config)
        trusted.load()
    automatic = AutomaticDocuments(config.automatic) if config.takes_texts else None
    return Documents(config, trusted, automatic)


def only_introspects(text: str) -> bool:
    """Whether a document asks for the schema and for nothing else."""
    if len(text) > _INTROSPECTION_BYTES_MAX or ("__schema" not in text and "__type" not in text):
        return False
    try:
        document = parse(text, max_tokens=_INTROSPECTION_BYTES_MAX // 10, no_location=True)
    except (GraphQLError, RecursionError):
        return False
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return bool(operations) and all(
        isinstance(field, FieldNode) and field.name.value in _SCHEMA_FIELDS
        for one in operations
        for field in one.selection_set.selections
    )


def _persisted_hash(extensions: Mapping[str, Any]) -> str | None:
    """Returns `extensions.persistedQuery.sha256Hash`; raises ClientError when it is malformed."""
    persisted = extensions.get("persistedQuery") if extensions else None
    if persisted is None:
        return None
    hash_ = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(hash_, str) or not 0 < len(hash_) <= 200 or persisted.get("version", 1) != 1:
        message = "extensions.persistedQuery has a version, 1, and a sha256Hash"
        raise ClientError(message, ErrorCode.BAD_REQUEST.name)
    return plain_id(hash_.lower())


def _without_hash(request: GraphQLRequest) -> GraphQLRequest:
    """Returns the request as if its text had come plainly, so that both are one to whoever compares them."""
    rest = {name: value for name, value in request.extensions.items() if name != "persistedQuery"}
    return replace(request, extensions=rest)
