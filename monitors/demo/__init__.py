"""A small invented web on loopback, and the script that walks Ronda over it."""
