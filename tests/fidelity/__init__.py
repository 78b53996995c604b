"""How true the presets are: each beside recordings of the real program, in simulated time."""
