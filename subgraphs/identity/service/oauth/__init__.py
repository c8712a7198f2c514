"""The OAuth 2.0 and OpenID Connect provider's use-cases; HTTP and pages are elsewhere.

`clients` are registered by organizations. A person, logged in at the provider's pages (`sign_in`,
`browser_logins`), lets a client do some `scopes` (`authorization`, `devices`); that is a grant. Codes
(`exchange_code`), refresh tokens (`refresh_grant`) and device codes turn into tokens (`issue_tokens`);
machines get theirs by their secret. `token_state` introspects and revokes, `grants` end.

Only the code flow with PKCE S256, the device flow and client credentials exist: no implicit flow, no
passwords in clients' hands. RFC 6749, 7009, 7636, 7662, 8628, 9207, 9700; OpenID Connect Core 1.0.
"""
