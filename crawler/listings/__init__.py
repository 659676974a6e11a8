"""Listing bytes -> links; pure functions, one module per kind of listing."""
