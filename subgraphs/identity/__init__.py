"""Identity: who people are, in which organizations they act, and what they may do there.

In come e-mail and password or a refresh token; out go signed access tokens that every other domain verifies
by itself against `/.well-known/jwks.json`. Users stand alone; a membership with a role ties one to an
organization, and a shop's customers are users without any. Entities: User and Organization.
"""
