"""What Ronda knows: sources, families, topics, regions, settings; data with strict loaders."""
