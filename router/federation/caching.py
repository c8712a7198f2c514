"""The cache specification: what a subgraph says of how long and for whom its answers may be kept.

A subgraph links `CACHE_URL` and imports what it uses. The composer carries the applications per subgraph, as
`@join__directive`; another composer merges them by `@composeDirective`. The router reads both.
"""

from __future__ import annotations

CACHE_IDENTITY = "https://zellige.dev/specs/cache"
CACHE_URL = f"{CACHE_IDENTITY}/v1.0"

CACHE_CONTROL = "cacheControl"
CACHE_INVALIDATE = "cacheInvalidate"
CACHE_TAG = "cacheTag"
# What the composer carries from the cache specification; @cacheTag also comes from federation 2.12.
CARRIED = (CACHE_CONTROL, CACHE_INVALIDATE, CACHE_TAG)

SCOPE_TYPE = "CacheControlScope"

# Written with local names: {control}, {scope}, {invalidate}, {tag}.
DEFINITIONS = """\
directive @{control}(maxAge: Int, scope: {scope}, inheritMaxAge: Boolean)
on OBJECT | INTERFACE | FIELD_DEFINITION

enum {scope} {{ PUBLIC PRIVATE }}

directive @{invalidate}(type: String, key: String, tag: String) repeatable on FIELD_DEFINITION

directive @{tag}(format: String!) repeatable on OBJECT | FIELD_DEFINITION
"""
