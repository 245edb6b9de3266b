"""Europeana: queries, its API, the harvest and its concepts."""
