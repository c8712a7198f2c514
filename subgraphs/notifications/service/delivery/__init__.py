"""Sending what is due, and hearing what became of it.

In: messages that are PENDING and due. Out: each SENT once, or SKIPPED, SUPPRESSED, CANCELLED, FAILED with a
code, or put off to a better moment.

Steps of a batch, each a short transaction, and none of them open while anybody outside is talked to:
1. `close_digests` closes windows that have ended.
2. The worker (`deliver`) claims due messages for the length of a lease.
3. `facts` reads all that decides, now and not when the message was made; `decide` and `pacing` decide.
4. `write_letter` renders, and the channel's providers are asked in order, each noted before it is asked.
5. What came of it is written where the claim still holds.

A worker that dies leaves its claims to lapse. What it had handed over is handed again to the same provider,
under the same id: at least once for the provider, once for everybody who knows ids.
"""
