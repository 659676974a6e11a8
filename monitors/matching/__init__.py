"""An article meets a compiled topic: score, level and evidence."""
