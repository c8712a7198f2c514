"""`zellige dev`: everything on one machine, in two processes and the engines.

The session (parent) holds the data directory, keeps the engines running, watches the code and starts the
serving process (child) anew when it changes. The child migrates, loads demo data, composes all subgraphs
behind the router and serves; it reports its progress over a pipe. Whoever dies takes its children along:
the child watches its parent, and each engine has a guardian that watches the session.

Steps: `session` (the story), `engines`, `keys`, `child` (the parent's view of the child), `reports` (what
passes between the two), `serve` (the child), `banner` (what is printed at the end).
"""
