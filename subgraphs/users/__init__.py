"""What people tell of themselves: profile, addresses, preferences, consents.

Identity knows who somebody is and lets them in; here is what they are like. In come mutations of the
person and events of identity (who belongs where, who is gone); out go `User.profile`, to others only as far
as the person shows it, everything about oneself as one document, and `user.erased`. Orders and invoices keep
copies of what they need, so nothing here is ever theirs.
"""
