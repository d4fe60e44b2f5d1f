"""U(x) between leads: the Riccati equation of one reflection variable each way, panel by panel."""
