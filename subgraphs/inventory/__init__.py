"""Inventory: how much of each variant an organization has, where, and for whom it is put aside.

In come receipts, adjustments and transfers from the organization's staff, and reservations from our own
services; out go the availability of products and variants, and events. Every change locks the stock items it
touches in one order, writes append-only movements, and keeps the levels derived from them, so that what is
available is never below zero. Entities: Warehouse, StockMovement, Reservation, StockTransfer; Product and
ProductVariant are extended, never asked about.
"""
