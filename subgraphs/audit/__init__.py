"""The audit trail of all domains in one place, to be read.

In come `audit.recorded` events; each becomes a row, once, and is never changed. Out goes `auditEntries`, to
those with `audit:read` in the organization. What is true stands in the chains of the domains themselves; this
is a copy in another database, which also shows when the end of a chain was cut off (`zellige audit verify`).
"""
