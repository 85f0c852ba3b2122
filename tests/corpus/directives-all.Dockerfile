#  syntax = docker/dockerfile:1.7 
# ESCAPE=\
# check=skip=all
# escape=`
FROM alpine:3.20
