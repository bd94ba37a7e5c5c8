"""What lecture.py and lecture_service.py print, separate from the code for translation."""

# lecture.py
LECTURE = "The lecture: {name}"
OURS = "This project: {name}"
LEFT_OUT = "⋮ {count} lines"

# lecture_service.py
STARTING = "Starting the lecture's {name} with these lines changed:"
