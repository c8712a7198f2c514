"""The least that a gateway in Python can cost: the public operation's plan, written out by hand.

A floor answers the operations it was written for and nothing else; it plans, checks and validates nothing.
`client.py` is the smallest HTTP client that works, `public_plan.py` the plan over msgspec Structs,
`applications.py` the ASGI applications, `__main__.py` serves one of them by uvicorn, as our router is served.
What a floor costs is what the language, the server and the JSON library cost; what our router costs above it
is what being general costs.
"""
