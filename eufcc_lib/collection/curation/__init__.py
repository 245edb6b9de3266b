"""Filters, near-duplicates, the audit, the comparison of two data sets."""
