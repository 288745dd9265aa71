#!/usr/bin/env bash
# Sets up ecgdesk on Debian 12 and does its main job.
#
#   installer/run.sh [FILE...]
#
# With a display the window opens with the files, or with the sample page. Without one the files are read into ./out;
# the sample page's report is then also signed, with a key that is made for it and thrown away.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

sample="$here/resources/sample/sample.png"
out="${ECGDESK_OUT:-$PWD/out}"
signer="Sample Signer"

# A variable alone does not make a display: it may be left over from a session that is gone.
has_display() {
  [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 1
  # In braces, since Qt aborts without a display, and the shell would tell of that too.
  { "$venv/bin/python" -c 'from PySide6.QtGui import QGuiApplication; QGuiApplication([])'; } 2>/dev/null
}

read_sample() {
  local certificate
  scratch="$(mktemp -d)" # not local: the trap outlives this function
  trap 'rm -rf "$scratch"' EXIT
  export ECGDESK_HOME="$scratch"
  ECGDESK_PASSPHRASE="$(head -c 24 /dev/urandom | base64)"
  export ECGDESK_PASSPHRASE
  "$venv/bin/ecgdesk" identity new "$signer" >/dev/null
  "$venv/bin/ecgdesk" read "$sample" -o "$out" --sign "$signer"
  certificate="$(find "$scratch/identities" -name '*.pem' | head -n 1)"
  cp "$certificate" "$out/sample-signer.pem"
  say "No window can be opened here, so the sample page was read here: the signed report is $out/sample.pdf"
  say "Its signature: $(printf '%q ' "$venv/bin/ecgdesk" verify "$out/sample.pdf" --trust "$out/sample-signer.pem")"
}

read_files() {
  local status=0
  "$venv/bin/ecgdesk" read "$@" -o "$out" || status=$?
  say "No window can be opened here, so the files were read here: what could be read is in $out"
  return "$status"
}

debian_packages "${qt_packages[@]}" || say "Going on without; the window may not open."
install_ecgdesk

if has_display; then
  if [ "$#" -eq 0 ]; then set -- "$sample"; fi
  exec "$venv/bin/ecgdesk" "$@"
elif [ "$#" -eq 0 ]; then
  read_sample
else
  read_files "$@"
fi
