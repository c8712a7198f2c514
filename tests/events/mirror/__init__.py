"""A domain that writes down what it hears of the ledger."""
