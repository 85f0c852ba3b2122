#!/bin/sh
echo "fetching or serving"
