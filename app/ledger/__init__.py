"""Double entry: fund, personal accounts, cash and what institutions are owed; written once, never changed."""
