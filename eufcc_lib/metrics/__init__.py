"""Ranking metrics, their evaluation by facet, and bootstrap intervals."""
