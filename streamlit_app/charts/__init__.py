"""How figures are drawn, by Altair. Pure functions: a frame in, a chart out."""
