"""The copies of audit entries, and the SQL over them."""
