"""Thumbnails: downloaded, checked, listed in a manifest, packed in shards."""
