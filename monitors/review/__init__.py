"""The page: what readers see in a browser, and the socket for commands."""
