"""EUFCC-340K: automatic metadata annotation for museums, libraries and archives."""
