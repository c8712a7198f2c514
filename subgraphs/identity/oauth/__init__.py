"""The OAuth provider over HTTP: what clients call, and the pages people see.

`routes` puts it together; `token_routes` answer programs, `metadata` tells them where everything is,
`authorize`, `sign_in_pages` and `device_pages` answer people, `external` sends them to other providers.
`forms` and `browser` read what comes in. Each
request is one transaction, opened here; the use-cases are in `service.oauth`. Reached as `/oauth/...` and
`/.well-known/...` of the public address.
"""
