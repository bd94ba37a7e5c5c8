"""The five methods, as a student reads and copies them. Nothing here imports the rest of the project."""
