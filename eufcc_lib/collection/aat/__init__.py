"""The Getty AAT: its dump, the thesaurus, the mapping of concepts to tags."""
