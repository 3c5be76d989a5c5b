#!/usr/bin/env bash
# dependency-cruiser passes with "0 modules" when it cannot parse the compiler's version: then it checked nothing.
set -euo pipefail
report=$(npx --no-install depcruise --config .dependency-cruiser.cjs src workflows activities 2>&1) || { printf '%s\n' "$report"; exit 1; }
printf '%s\n' "$report" | tail -2
if printf '%s' "$report" | grep -q '(0 modules'; then echo 'dependency-cruiser saw no modules'; exit 1; fi
