"""One package a service: its declaration, its rules and its packs."""
