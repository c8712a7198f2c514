"""The tables of people's profiles, and all SQL over them."""
