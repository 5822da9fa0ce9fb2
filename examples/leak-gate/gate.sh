#!/bin/sh
# Builds the server, runs it, and judges the run by memtrace.check.json. CFLAGS=-DLEAKING ./gate.sh shows what the
# gate is for.
set -e

make server
memtrace run --quiet --output server.mtr -- ./server 100000
memtrace check server.mtr
