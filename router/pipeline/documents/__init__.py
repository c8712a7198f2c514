"""Documents that clients name: a request with an id comes in, the same request with its text goes out.

`resolve` tells the story. `manifest` reads published documents in three formats, `trusted` holds them and
looks for newer ones, `automatic` keeps what clients themselves sent (automatic persisted queries).
Nothing here parses a document: what is published was validated, what clients send is validated as any other.
"""

from router.pipeline.documents.resolve import Documents, open_documents

__all__ = ["Documents", "open_documents"]
