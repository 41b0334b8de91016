#!/bin/sh
# Takes out of an environment what packages bring for their own developers: their tests, and headers for compilers.
set -eu
find "$1"/lib/python*/site-packages -depth -type d \( -name tests -o -name include \) -exec rm -r {} +
