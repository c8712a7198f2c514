"""What people's browsers and providers reach over HTTP, beside GraphQL: links in mail, and receipts.

In: requests under `/notifications/`. Out: pages in three languages, and statuses for machines. Each request
is one transaction. Nobody logs in here: a link and a receipt prove themselves by their signatures.
"""
