"""Scores, result files, tables, claims: what is read after training."""
