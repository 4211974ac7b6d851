"""The ledger: every claim of the thesis, the checks that recompute it, and what follows from them."""
