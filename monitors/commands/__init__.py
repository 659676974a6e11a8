"""The command line, one module per noun; cli.py assembles them."""
