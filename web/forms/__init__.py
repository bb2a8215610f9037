"""Forms of the HTML door: the shape of what is typed; the rules stand in the actions."""
