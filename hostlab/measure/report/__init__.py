"""A report's forms.

All are made of the same plain tables, which are made of the report's plain data: measured now, or
read from a file.
"""
