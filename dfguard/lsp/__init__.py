"""The language server: what editors are told of Dockerfiles, ignore files and the files that describe builds."""
