"""One request in order: parse, validate, normalise, plan, execute, project, respond."""
