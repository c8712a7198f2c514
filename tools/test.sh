#!/bin/sh
# Runs the tests in several processes; what failed there runs once more alone.
#
#   WORKERS=3 tools/test.sh [pytest options]
#
# Many tests wait for processes of their own, and on a busy machine one may wait longer than it is ready to. Such a
# test passes alone, and is named so that it gets mended; a fault of the code fails alone as well.
set -u
cd "$(dirname "$0")/.."
AGAIN_MAX=40

python=.venv/bin/python
"$python" -m pytest -q -n "${WORKERS:-3}" --dist worksteal "$@"
status=$?
[ "$status" -eq 1 ] || exit "$status" # 1: tests failed; all others are no matter of tests

failed=$(grep -c ': true' .pytest_cache/v/cache/lastfailed)
[ "$failed" -ge 1 ] && [ "$failed" -le "$AGAIN_MAX" ] || exit 1
printf '\n%s failed beside others; once more, alone:\n' "$failed" >&2
"$python" -m pytest -q -n 0 --last-failed --last-failed-no-failures none "$@"
