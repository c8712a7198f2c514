"""`zellige router`: one process, or several that share a port.

In: what the command line says (`plan`). Out: an exit code, after SIGTERM or SIGINT.
`process` is what each process does: assemble the router, listen, serve until told to end. With one worker
the command does that itself. With more, `workers` starts a process for each, starts it again when it dies,
passes signals on and ends when all have ended.
It must not know what a router is made of: that is `zellige.assembly.standalone`.
"""
