"""The last step of `make test`: other programs read every calendar object that the tests sent, and must agree."""
