"""What Ronda decides and says: matching, grouping, digests, sending, daemon, page, commands."""
