"""What a notebook and the book show."""
