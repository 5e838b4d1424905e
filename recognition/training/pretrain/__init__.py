"""Self-supervision: a backbone learns from unlabelled shelf photos what packs look like."""
