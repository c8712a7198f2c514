"""From request headers to a Viewer.

`viewer` says who may be asking; `tokens` verifies users' EdDSA access tokens against `key_set`; `internal`
makes and verifies the HS256 tokens services show each other; `passport` verifies what the router says of who
asks; `authentication` picks one by the header and remembers what it verified. No token is an anonymous
viewer; a bad or expired one is UNAUTHENTICATED.
"""
