"""Articles that are one text, and the events that they tell of."""
