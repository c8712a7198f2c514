"""The use-cases of the users domain, one per file; each begins by locking the person's profile."""
