"""The tables of orders and all of its SQL, one module of queries per aggregate and one for the repairs."""
