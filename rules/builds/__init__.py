"""Rules about what compose files and the like say of builds."""
