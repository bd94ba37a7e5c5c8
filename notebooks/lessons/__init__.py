"""What the lessons import: checks of the machine and of the exercises, small services, and plots.

A lesson shows the real services of `deployments`. This package only keeps its cells short.
"""
