def check_satisfiability(s, o):
    return []
