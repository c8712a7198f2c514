"""stub"""


def check_sources(s):
    return []


def check_subgraphs(s):
    return []


def check_view(s):
    return []


def check_merged(s):
    return []
