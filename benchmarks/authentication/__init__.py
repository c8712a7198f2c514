"""What telling who asks costs a request; `python -m benchmarks.authentication`."""
