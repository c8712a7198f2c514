"""Identity's tables and all of its SQL, one module of queries per aggregate."""
