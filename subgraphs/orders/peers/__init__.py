"""What orders asks of other domains, always through the router and with an internal token.

`catalogue` asks products for names and prices, `stock` asks inventory to hold, allocate and give back;
`graph` makes the call. No answer, or one with errors, is `TryAgain`: the outcome is unknown.
"""
