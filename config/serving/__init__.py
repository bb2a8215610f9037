"""How Viso is served: the listening socket, the two servers behind it, one process, and a supervised tree of them."""
