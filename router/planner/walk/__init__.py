"""Finds the places that can answer each leaf of an operation."""
