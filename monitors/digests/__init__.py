"""Matches -> one digest of one monitor and slot, composed and rendered."""
