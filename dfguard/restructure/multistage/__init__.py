"""The build of a program in a stage of its own: what one stage holds becomes two, language by language."""
