"""Typed `where` and `orderBy` inputs, compiled to SQLAlchemy.

`inputs` has a filter type per scalar; a domain's where-input lists them by field with AND, OR and NOT;
`where` compiles one to a condition over the columns the domain names, within limits; `ordering` turns
`orderBy` into the sort keys of a page. Field names never reach SQL: only the domain's own columns do.
"""
