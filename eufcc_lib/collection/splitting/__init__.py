"""Inner and outer splits (paper section 3.3)."""
