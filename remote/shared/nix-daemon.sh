# What runs Nix here: the look finds it, and root finds it again, because nothing that a login has said of it counts.

# Where the daemon reads its settings (nix.conf(5), NIX_CONF_DIR), whatever the login's own Nix reads.
daemon_conf_dir() {
  dir=$(systemctl show --property Environment nix-daemon.service 2>/dev/null | tr ' ' '\n' |
    sed -n 's/^\(Environment=\)\{0,1\}NIX_CONF_DIR=//p')
  dir=${dir%/}
  echo "${dir:-/etc/nix}"
}

# A daemon of root's that no client started over SSH.
daemon_runs() {
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm"; } 2>/dev/null || continue
    if [ "$name" != nix-daemon ] || [ "$(owner_of "$process")" != root ]; then continue; fi
    tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qxF -e --stdio || return 0
  done
  return 1
}

# What could restart it. One that somebody started by hand nobody else can, not even where there is a unit for it.
daemon_manager() {
  if [ "$(uname -s)" = Darwin ]; then
    echo launchd
  elif [ -d /run/systemd/system ]; then
    active=$(systemctl is-active nix-daemon.service nix-daemon.socket 2>/dev/null)
    case " $(echo "$active" | tr '\n' ' ')" in
    *' active '* | *' activating '*) echo systemd ;;
    *)
      if [ "$(systemctl show --property LoadState nix-daemon.service 2>/dev/null)" = LoadState=loaded ] && ! daemon_runs; then
        echo systemd
      else
        echo none
      fi
      ;;
    esac
  elif command -v rc-service >/dev/null && rc-service --exists nix-daemon; then
    echo openrc
  elif command -v sv >/dev/null && ls -d /service/nix-daemon /var/service/nix-daemon /etc/service/nix-daemon /run/runit/service/nix-daemon >/dev/null 2>&1; then
    echo runit
  elif command -v s6-svc >/dev/null && [ -d /run/service/nix-daemon ]; then
    echo s6
  elif command -v dinitctl >/dev/null && dinitctl list 2>/dev/null | grep -q ' nix-daemon\( \|$\)'; then
    echo dinit
  elif [ -x /etc/init.d/nix-daemon ]; then
    echo sysv
  else
    echo none
  fi
}

# The group that a socket is kept for (Debian: nix-users); nothing when it is open to everybody.
socket_group() {
  for path in "${1%/*}" "$1"; do
    # shellcheck disable=SC2012
    [ ! -e "$path" ] || echo "$(ls -ld "$path" | awk '{ print $1 }') $(group_of "$path")"
  done | while read -r bits group; do
    case $bits in
    d????????[xt]* | s???????w*) ;;
    *) echo "$group" && break ;;
    esac
  done
}
