"""The demo: a page on which one text goes to every running method. `hostlab demo` opens it."""
