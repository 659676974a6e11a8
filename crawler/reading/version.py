"""The reader's version; apart, so that the daemon knows it without loading the reader."""

READER = 2  # raise it when pages should be read again
