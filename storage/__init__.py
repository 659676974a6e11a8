"""What Ronda remembers: two SQLite files in the home; all SQL lives on this floor."""
