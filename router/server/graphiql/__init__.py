"""The GraphiQL page: the router's settings come in, one HTML page and its assets go out.

`page.py` serves it; `built.py` finds what vite built and `build.py` builds it where Node is present;
`pinned.py` is the page for machines without Node, from pinned files with integrity hashes. `policy.py` holds
the Content-Security-Policy of both.
"""
