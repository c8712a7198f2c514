"""The tables of notifications and all of their SQL, one module of queries per aggregate."""
