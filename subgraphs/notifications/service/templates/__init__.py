"""Texts with variables, and what becomes of them.

In: a template's sources (the platform's files, an organization's versions), a language, the variables. Out: a
subject, a text and an HTML page (`Written`), or the faults a version has before it is published.

Steps: `language` says what a template may hold, `compiled` turns it into code once, `checking` holds a
version against its variables and example, `platform_texts` reads our own, `choosing` finds the version for a
language, `layout` puts the page and the footer around it.

Whoever writes a template is not trusted: it cannot call, loop without bound, or reach beyond its variables.
"""
