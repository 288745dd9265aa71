#!/usr/bin/env bash
# Sets up ecgdesk with its tests on Debian 12 and runs them.
#
#   installer/test.sh [PYTEST ARGUMENT...]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# poppler-utils: pdfsig, the second opinion on signatures; xvfb: a display for the window; strace: who opens sockets.
debian_packages "${qt_packages[@]}" poppler-utils xvfb xauth strace ||
  say "Going on without; tests that need them are skipped or fail."
install_ecgdesk test

cd "$here"
exec "$venv/bin/python" -m pytest "$@"
