"""What the lessons share: a look at the machine, checks of exercises, services inside the notebook,
plots.

A lesson shows the real services of `deployments`; what stands here only keeps its cells short.
"""
