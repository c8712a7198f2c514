"""Prints the steps' documents and builds the plan."""
