"""`hostlab doctor`: what this machine has, what is missing, what each thing is for, and how to get
it.
"""
