"""An address -> what watching it would mean: entry points, family, name, place, grade."""
