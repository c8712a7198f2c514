"""The ways out of the house: e-mail by SMTP, SMS and push by webhooks, and the providers behind each.

In: a `Letter` (rendered, addressed) and the providers of its channel in order. Out: an `Outcome`, what is
known of it: accepted, refused, not accepted now, or unclear.

Steps: `settings` -> `open_providers` -> `hand_over` tries one provider after another, and stops at the first
that may have accepted.

It knows no table and no GraphQL; it raises nothing for what happens outside, and logs no address
and no secret.
"""
