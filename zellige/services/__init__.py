"""The engines of a machine that has none: embedded PostgreSQL and Redis, under a small supervisor of our own.

In: a data directory. Out: connection URLs on random loopback ports, with a password.
`process` starts an engine and waits until it answers; `guardian` is the engine's parent process, which stops
it when its owner dies, however it dies; `account` settles who runs PostgreSQL when we are root; `postgres`
and `redis` know one engine each; `data_lock` keeps a second owner away from the same data directory.

It must not import the router or the platform: the tests' support and the front door both start from here.
"""
