"""Room planner."""
