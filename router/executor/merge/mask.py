"""Keeps what subgraphs say of their inside from clients."""

from __future__ import annotations

from dataclasses import replace

import structlog

from router.config import ErrorsConfig
from router.response.codes import ErrorCode
from router.response.result import ResponseError

_log = structlog.stdlib.get_logger("router.errors")

_SERVICE = "serviceName"
# What a subgraph that fails in a loop may say is said a million times otherwise.
_MESSAGE_LENGTH_MAX = 500


class ErrorMask:
    """Masks after the settings; what is masked stands in the log with the request's id."""

    def __init__(self, config: ErrorsConfig) -> None:
        self._config = config
        self._codes = frozenset(config.allow_codes)
        self._extensions = frozenset((*config.allow_extensions, _SERVICE))

    def reported(self, error: ResponseError, request_id: str) -> ResponseError:
        """Returns what the client is told of an error that a subgraph reported."""
        config = self._config
        if config.mask:
            error = self._masked(error, request_id)
        return error if config.show_subgraph else self._nameless(error)

    def failed(self, error: ResponseError) -> ResponseError:
        """Returns what the client is told of a subgraph that could not be asked: those words are our own."""
        if self._config.show_subgraph:
            return error
        return replace(self._nameless(error), message=self._config.message)

    def _masked(self, error: ResponseError, request_id: str) -> ResponseError:
        if error.code in self._codes:
            kept = {name: value for name, value in error.extensions.items() if name in self._extensions}
            return replace(error, extensions=kept)
        _log.warning(
            "a subgraph's error was masked",
            request_id=request_id,
            subgraph=error.extensions.get(_SERVICE),
            code=error.code[:_MESSAGE_LENGTH_MAX],
            message=error.message[:_MESSAGE_LENGTH_MAX],
        )
        service = error.extensions.get(_SERVICE)
        code = ErrorCode.DOWNSTREAM_SERVICE_ERROR.name
        return replace(error, message=self._config.message, code=code, extensions={_SERVICE: service})

    @staticmethod
    def _nameless(error: ResponseError) -> ResponseError:
        kept = {name: value for name, value in error.extensions.items() if name != _SERVICE}
        return replace(error, extensions=kept)
