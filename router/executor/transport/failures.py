"""What can go wrong on the way to a subgraph, and what the client and the layers above are told of it.

Faults stay inside the transport: `explain` turns each into a SubgraphError that names no address.
"""

from __future__ import annotations

from typing import ClassVar

from router.errors import SubgraphError, SubgraphFault
from router.response.codes import ErrorCode


class TransportFault(Exception):  # noqa: N818 - the root of the faults below, never raised itself
    """The root of the transport's own faults."""

    code: ClassVar[ErrorCode]
    says: ClassVar[str]
    kind: SubgraphFault

    def explain(self, service: str) -> SubgraphError:
        """Returns what is told about it outside of the transport."""
        message = f'The subgraph "{service}" {self.says}'
        return SubgraphError(message, self.code.name, service=service, fault=self.kind)


class ConnectFault(TransportFault):
    """No connection could be made."""

    code, says = ErrorCode.SUBGRAPH_UNREACHABLE, "could not be reached"
    kind = SubgraphFault.NO_CONNECTION


class QueueFullFault(TransportFault):
    """Too many requests already wait for a connection."""

    code, says = ErrorCode.OVERLOADED, "has too many requests waiting"
    kind = SubgraphFault.QUEUE_FULL


class ConnectionLostFault(TransportFault):
    """The connection ended before the response did.

    `is_untouched`: not a byte of the response had come. `is_unsent`: not a byte of the request had gone.
    """

    code, says = ErrorCode.SUBGRAPH_UNREACHABLE, "closed the connection before it answered"

    def __init__(self, message: str, *, is_untouched: bool = True, is_unsent: bool = False) -> None:
        super().__init__(message)
        self.is_untouched = is_untouched
        self.is_unsent = is_unsent
        self.kind = SubgraphFault.RESET if is_untouched else SubgraphFault.CUT_OFF


class ProtocolFault(TransportFault):
    """The peer did not speak HTTP/1.1, or its body could not be decompressed."""

    code, says = ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "did not answer in HTTP"
    kind = SubgraphFault.MALFORMED


class ResponseTooLargeFault(TransportFault):
    """The response is larger than the limit."""

    code, says = ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "sent a response over the size limit"
    kind = SubgraphFault.MALFORMED


class SilenceFault(TransportFault):
    """The peer sent nothing for longer than the read timeout, or did not end within the request timeout."""

    code, says = ErrorCode.SUBGRAPH_TIMEOUT, "did not answer in time"
    kind = SubgraphFault.SILENCE


class DeadlineFault(TransportFault):
    """The client's time was over."""

    code, says = ErrorCode.SUBGRAPH_TIMEOUT, "did not answer within the time of the request"
    kind = SubgraphFault.DEADLINE
