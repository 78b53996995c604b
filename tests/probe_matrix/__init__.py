"""How often `probe` is right, behind presets and behind real programs."""
