"""What an article says, each with its sentence: regions, dates, instruments, scores."""
