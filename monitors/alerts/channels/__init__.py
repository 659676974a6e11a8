"""Ways out: one module per kind of channel; none knows another."""
