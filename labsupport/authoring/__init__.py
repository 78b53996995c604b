"""Keep the notebooks true: run them again, keep what did not change, write their navigation."""
