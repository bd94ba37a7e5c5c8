"""What lecture.py prints besides the files, separate from the code for translation."""

LECTURE = "The lecture: {name}"
OURS = "This project: {name}"
LEFT_OUT = "⋮ {count} lines"
