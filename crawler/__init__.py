"""What Ronda fetches and reads: the crawl process, listings, and pages turned into articles."""
