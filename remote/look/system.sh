system() {
  kernel=$(uname -s | tr '[:upper:]' '[:lower:]')
  fact host_name "$(uname -n)"
  fact user "$(id -un)"
  fact uid "$(id -u)"
  fact groups "$(id -Gn)"
  fact home "$HOME"
  fact login_shell "$login_shell"
  fact ssh_connection "${SSH_CONNECTION-}"
  fact kernel "$kernel"
  fact kernel_name "$(uname -s)"
  fact architecture "$(uname -m)"
  if [ "$kernel" = darwin ]; then
    fact os_name "$(sw_vers -productName) $(sw_vers -productVersion)"
    fact cpus "$(sysctl -n hw.logicalcpu)"
    fact memory_bytes "$(sysctl -n hw.memsize)"
    fact init launchd
    [ ! -e /run/current-system/darwin-version ] || fact declarative nix-darwin
  else
    # shellcheck disable=SC1091 # a file of that machine
    fact os_name "$( (. /etc/os-release && printf '%s' "${PRETTY_NAME:-}") 2>/dev/null)"
    fact cpus "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)"
    fact memory_bytes "$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
    fact init "$(init_name)"
    [ ! -e /etc/NIXOS ] || fact declarative nixos
  fi
}

init_name() {
  if [ -d /run/systemd/system ]; then
    echo systemd
  elif [ -d /run/openrc ]; then
    echo openrc
  elif [ -d /run/runit ] || [ -d /etc/runit ]; then
    echo runit
  else
    echo other
  fi
}
