"""Page -> article; pure, and the pool of killable workers that runs it."""
