"""What only some settings need is loaded by them: each worker of a router would pay for it with megabytes."""

from __future__ import annotations

import subprocess
import sys

OPTIONAL = ("redis", "aio_pika", "cryptography", "jwt", "sqlalchemy", "asyncpg", "strawberry")


def test_a_router_without_engines_loads_no_client_of_one() -> None:
    program = (
        "import sys, zellige.assembly.standalone, zellige.serving.process\n"
        f"print(*[name for name in {OPTIONAL!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
