"""Uploaded papers: checked, cleaned, sealed, streamed."""
