"""Relay connections by keyset: page N costs what page 1 costs, and no row is shown twice or skipped.

`arguments` checks first/last/after/before; `keyset` orders by the sort keys and then the id, and turns a
cursor into a condition; `cursors` writes and reads the opaque text; `page` runs the one statement;
`connection` is the GraphQL side, whose totalCount and backward flags cost a statement only when selected.
"""
