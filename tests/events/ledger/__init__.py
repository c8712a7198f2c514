"""A domain that says what it does: numbered changes of accounts."""
