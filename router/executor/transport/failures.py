"""What can go wrong on the way to a subgraph, before it is told to the client.

These stay inside the transport: `http.py` turns each into a SubgraphError that names no address.
"""

from __future__ import annotations


class TransportFault(Exception):  # noqa: N818 - the root of the faults below, never raised itself
    """The root of the transport's own faults."""


class ConnectFault(TransportFault):
    """No connection could be made."""


class QueueFullFault(TransportFault):
    """Too many requests already wait for a connection."""


class ConnectionLostFault(TransportFault):
    """The connection ended before the response did.

    `is_untouched`: not a byte of the response had come. `is_unsent`: not a byte of the request had gone.
    """

    def __init__(self, message: str, *, is_untouched: bool = True, is_unsent: bool = False) -> None:
        super().__init__(message)
        self.is_untouched = is_untouched
        self.is_unsent = is_unsent


class ProtocolFault(TransportFault):
    """The peer did not speak HTTP/1.1, or its body could not be decompressed."""


class ResponseTooLargeFault(TransportFault):
    """The response is larger than the limit."""


class SilenceFault(TransportFault):
    """The peer sent nothing for longer than the read timeout."""
