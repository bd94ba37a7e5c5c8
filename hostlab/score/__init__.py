"""The student's score: a record of what the exercises' checks found, and pages made of it."""
