"""The pages people see when they log in and let programs in: Arabic right to left, French, English.

Plain forms and nothing from elsewhere; one small script, where a passkey is asked for. `render` fills the
templates, escaping everything; `texts` holds every word; `policy` says what a browser may do with them.
"""
