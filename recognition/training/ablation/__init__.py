"""ParallelDots' table on any labelled pictures: what each part of a recipe gains, and how surely."""
