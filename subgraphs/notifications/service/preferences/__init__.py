"""What a user wants to hear of, over which channel, and at what hours not.

A topic is wanted until somebody says otherwise. Critical topics are always wanted: `wants` says yes for them
whatever is stored, and a choice against one is refused.
"""
