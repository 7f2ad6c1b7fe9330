"""Studies: what several trainings on the same labelled names tell together."""
