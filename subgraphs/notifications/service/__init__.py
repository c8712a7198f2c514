"""The use-cases of notifications.

In: a session, the viewer, a command. Out: rows, or a DomainError. `workflows` starts notifications,
`inbox` is what recipients do with them, `preferences` what they want; `delivery` and `templates` send.
No SQL, no commit, no HTTP.
"""
