"""What is kept of answers: rules from the supergraph and the settings in, entries and invalidations out.

Steps of a fetch, driven by the executor: read the rules that hold for its document (`fetch_facts`), make keys
of what it asks (`keys`), read the store, serve what is fresh, fetch what is missing once (`flights`), work
out how long and for whom the answer may be kept (`policy`), write it. An entry is valid only while every name
it depends on (`names`) still carries the token it had before the fetch began, so an invalidation is one write
and cannot be overtaken. It must not send anything to a subgraph itself, nor share what is not said to be
public.
"""
