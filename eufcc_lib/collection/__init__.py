"""Collecting annotations and images from where they are published."""
