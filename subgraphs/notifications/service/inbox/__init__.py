"""What recipients see in the app and do with it.

`put_in_inbox` makes items of notifications, in the transaction that makes them due, with the event that live
feeds are made of; the others read, archive and count. The count of what is unread is counted, not kept: it
is exact whoever reads what at the same time.
"""
