"""Who is asking: request headers come in, one `Viewer` goes out, before any work is done for the request.

Steps: find the credential (`credential`), look it up among those verified before (`authenticator`); else
verify a JWT by the keys of the issuer it names (`tokens`, `key_set`), a service's token by the shared secret
(`service_tokens`), or ask what an opaque key or cookie stands for (`introspection`); refuse sessions that
have ended (`sessions`). `passports` tells subgraphs who the viewer is, signed and for one subgraph alone.
It decides nothing about what a viewer may do, and keeps no credential: only hashes of them.
"""

from router.authentication.credential import Credential
from router.authentication.viewer import ANONYMOUS, Viewer

# `authenticator` and `passports` are imported from their files: cryptography and clients take 20 MB, which a
# router that verifies nothing does without.
__all__ = ["ANONYMOUS", "Credential", "Viewer"]
