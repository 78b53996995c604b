"""Where an answer runs: a process of its own, shut in."""
