"""Single claims of the pages, each measured by a program."""
