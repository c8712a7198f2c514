"""What the staff of an organization do: tell people something, write templates, look after addresses.

Everything here belongs to the organization of the viewer's token. The platform's own texts are read, never
written.
"""
