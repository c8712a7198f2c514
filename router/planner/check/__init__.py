"""Checks a plan against the operation it is for."""
