"""Regions, designated institutions and service points."""
