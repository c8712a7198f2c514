"""The front door: the command line that assembles the router and the platform into running processes."""
