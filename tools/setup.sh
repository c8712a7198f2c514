#!/bin/sh
# Makes .venv from uv.lock on a machine that has only Python 3.11+, and does nothing when it is fresh.
#
#   tools/setup.sh [GROUP ...]    dependency groups beside the default one, e.g. "checks"
#
# uv comes from PATH, else from PyPI into .tools/, apart from the project's own environment.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.11
STAMP=".venv/.synced-dev${*:+-$(echo "$*" | tr ' ' '-')}"

say() { printf '%s\n' "$*" >&2; }

fresh() {
    [ -f "$STAMP" ] && [ -x .venv/bin/python ] && [ "$STAMP" -nt uv.lock ] && [ "$STAMP" -nt pyproject.toml ]
}

fits() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    # An environment that works keeps its interpreter; else uv would empty it under a running command.
    if [ -z "${PYTHON:-}" ] && [ -x .venv/bin/python ] && fits .venv/bin/python; then
        echo .venv/bin/python
        return
    fi
    # 3.12 and 3.11 first: the wheel with the embedded Redis exists for these two only.
    for name in ${PYTHON:-python3.12 python3.11 python3.13 python3.14 python3 python}; do
        if command -v "$name" >/dev/null 2>&1 && fits "$name"; then
            command -v "$name"
            return
        fi
    done
    say "Zellige needs Python 3.11 or newer, and none was found (looked for: ${PYTHON:-python3.11 to 3.14, python3})."
    say "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12),"
    say "or name yours: make test PYTHON=/path/to/python3.12"
    exit 1
}

find_uv() {
    if command -v uv >/dev/null 2>&1; then
        command -v uv
        return
    fi
    if [ ! -x .tools/bin/uv ]; then
        say "Fetching uv from PyPI into .tools/ ..."
        if ! "$1" -m venv .tools >/dev/null 2>&1; then
            rm -rf .tools
            say "$1 cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"
            exit 1
        fi
        .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=$UV_VERSION" >&2 || {
            say "uv could not be fetched from PyPI. Is the network there? Behind a mirror, set PIP_INDEX_URL."
            exit 1
        }
    fi
    echo .tools/bin/uv
}

sync_with() {
    # --inexact: a plain `make test` must not remove what `make check` has installed.
    # shellcheck disable=SC2086 # groups are words
    UV_PROJECT_ENVIRONMENT=.venv "$1" sync --quiet --frozen --inexact --python "$2" $3
}

if ! fresh; then
    python=$(find_python)
    uv=$(find_uv "$python")
    say "Installing the locked dependencies into .venv ..."
    groups=""
    for group in "$@"; do groups="$groups --group $group"; done
    # The machine's own certificates first, since a company's proxy is known there only; then uv's bundle.
    UV_SYSTEM_CERTS=1 sync_with "$uv" "$python" "$groups" 2>/dev/null || sync_with "$uv" "$python" "$groups"
    touch "$STAMP"
fi
