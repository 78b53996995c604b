"""Grade a class: collect what was handed in, judge it in parallel, write the books."""
