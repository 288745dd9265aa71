# shellcheck shell=bash disable=SC2034
# Shared by run.sh and test.sh, which source it: system libraries, a virtual environment, the program in it.
# Everything goes into the checkout's own .venv (or the folder that ECGDESK_VENV names); nothing else is touched.

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="${ECGDESK_VENV:-$here/.venv}"

# What Qt loads at run time on Debian 12. The wheels bring Qt itself, but not these.
qt_packages=(
  libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 libxcb-render-util0 libxcb-xinerama0
)

say() { printf '%s\n' "$*" >&2; }

stop() {
  say "$*"
  exit 1
}

# The given command as root, where that needs nobody to type; else it fails.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

# Installs Debian packages that are missing; where it may not, says the exact command and returns 1.
debian_packages() {
  command -v dpkg-query >/dev/null || {
    say "This is not Debian: if something is missing, install what Debian calls: $*"
    return 1
  }
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  say "Installing Debian packages: ${missing[*]}"
  if as_root apt-get update -qq >&2 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2; then
    return 0
  fi
  say "They could not be installed from here. Please run: sudo apt-get install -y --no-install-recommends ${missing[*]}"
  return 1
}

# Prints the first Python of at least 3.11.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# ECGDESK_VENV may name a folder that holds something else, which is not ours to take away.
refuse_foreign_folder() {
  [ "$venv" = "$here/.venv" ] || [ -e "$venv/pyvenv.cfg" ] || [ -z "$(ls -A "$venv" 2>/dev/null)" ] ||
    stop "$venv is not empty and no virtual environment; name another folder in ECGDESK_VENV."
}

# Makes the virtual environment, also where Debian's python3 lacks venv.
make_venv() {
  local python
  python="$(find_python)" || { debian_packages python3 python3-venv && python="$(find_python)"; } ||
    stop "ecgdesk needs Python 3.11 or later, and none was found; install one and start this again."
  "$python" -c 'import ensurepip, venv' 2>/dev/null || debian_packages python3-venv || true
  refuse_foreign_folder
  rm -rf "$venv"
  "$python" -m venv "$venv" >/dev/null 2>&1 && return 0
  rm -rf "$venv"
  if command -v virtualenv >/dev/null && virtualenv -q -p "$python" "$venv"; then return 0; fi
  rm -rf "$venv"
  # A system pip of 22.3 or later can install pip into an environment that was made without.
  if "$python" -m venv --without-pip "$venv" >/dev/null 2>&1 &&
    "$python" -m pip --python "$venv/bin/python" install -q pip >/dev/null 2>&1; then return 0; fi
  rm -rf "$venv"
  stop "No virtual environment can be made with $python; install python3-venv (sudo apt-get install -y python3-venv)."
}

# Installs the checkout, with the named extra if one is given, unless that was done already for this pyproject.toml.
install_ecgdesk() {
  local extra="${1:-}" stamp state
  stamp="$venv/installed${extra:+-$extra}"
  state="$(sha256sum <"$here/pyproject.toml") $here"
  # The import: after an upgrade of the system's Python the environment is still there, and empty.
  [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && "$venv/bin/python" -c 'import ecgdesk' 2>/dev/null && return 0
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
  say "Installing ecgdesk into $venv (the first time this takes some minutes) ..."
  # Editable, so that the program is always the checkout's own state.
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -e "$here${extra:+[$extra]}" ||
    stop "The installation did not finish (see above); check the connection to your package index and start this again."
  printf '%s\n' "$state" >"$stamp"
}
