"""The GraphQL response as values: errors with codes, results, and the one table from code to HTTP status."""
