"""The model that all methods host."""
