"""Made-up people, staff and places to try the product on. Demo mode only."""
