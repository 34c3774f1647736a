#!/bin/bash
# Stands in for systemctl on the hosts of the pocket fleet, where no systemd runs, for the two services there:
# nix-daemon (also by its .socket) and ssh (also sshd), and for instances of the templates in /etc/systemd/system,
# of which it takes ExecStartPre, ExecStart, RestartSec, RuntimeDirectory and its mode, for commands without
# quotes, and restarts what ends. Knows enable and disable (of templates, also --now), start, stop, restart, try-restart, reload,
# reload-or-restart, kill, is-active, is-enabled, status, show [-p PROPERTY] [--value], daemon-reload.
# As with systemd, restarting nix-daemon spares the connections it serves (its unit says KillMode=process).
set -u

verb='' now='' quiet='' value='' property='' units=()
while [ $# -gt 0 ]; do
  case $1 in
  -q | --quiet) quiet=1 ;;
  --now) now=1 ;;
  --value) value=1 ;;
  -p | --property) property=$2 && shift ;;
  -p*) property=${1#-p} ;;
  --property=*) property=${1#*=} ;;
  -*) ;;
  *) if [ -z "$verb" ]; then verb=$1; else units+=("$1"); fi ;;
  esac
  shift
done

pid_of() { # SERVICE → its main process, or nothing when it does not run
  local pid=''
  case $1 in
  ssh) [ ! -r /run/sshd.pid ] || read -r pid </run/sshd.pid ;;
  *) [ ! -r "/run/$1.pid" ] || read -r pid <"/run/$1.pid" ;;
  esac
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && echo "$pid"
}

wait_until() { # COMMAND… within ten seconds
  local i
  for ((i = 0; i < 1000; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.01
  done
  echo "systemctl: waited 10 s in vain for: $*" >&2
  return 1
}

# shellcheck disable=SC2317 # called through wait_until
gone() { ! kill -0 "$1" 2>/dev/null; }
# shellcheck disable=SC2317
listens() { ss -Hxl "src $1" | grep -q .; }

setting() { # SERVICE NAME → its value in the template, with the instance filled in
  sed -n "s|%i|${1#*@}|g; s|^$2=||p" "$units_folder/${1%%@*}@.service"
}

supervise() { # SERVICE: runs it again and again, until this process is asked to end
  local child='' pause command before
  read -ra command <<<"$(setting "$1" ExecStart)"
  read -ra before <<<"$(setting "$1" ExecStartPre)"
  pause=$(setting "$1" RestartSec)
  trap '[ -z "$child" ] || { kill -TERM "$child" && kill -CONT "$child" && wait "$child"; }; exit 0' TERM
  while :; do
    [ "${#before[@]}" = 0 ] || "${before[@]}"
    env -i PATH="$clean_path" LANG=C.UTF-8 "${command[@]}" &
    child=$!
    wait "$child"
    child=''
    sleep "$pause" &
    wait $!
  done
}

start() {
  [ -z "$(pid_of "$1")" ] || return 0
  case $1 in
  ssh) mkdir -p /run/sshd && env -i PATH="$clean_path" LANG=C.UTF-8 /usr/sbin/sshd ;;
  nix-daemon)
    [ -x /usr/bin/nix-daemon ] || return 5
    rm -f /nix/var/nix/daemon-socket/socket
    env -i PATH="$clean_path" LANG=C.UTF-8 setsid sh -c 'echo $$ >/run/nix-daemon.pid; exec /usr/bin/nix-daemon --daemon' \
      </dev/null >>/var/log/nix-daemon.log 2>&1 &
    wait_until listens /nix/var/nix/daemon-socket/socket
    ;;
  *@*)
    [ -r "$units_folder/${1%%@*}@.service" ] || return 5
    local folder
    folder=$(setting "$1" RuntimeDirectory)
    [ -z "$folder" ] || { mkdir -p "/run/$folder" && chmod "$(setting "$1" RuntimeDirectoryMode)" "/run/$folder"; }
    setsid bash -c 'echo $$ >"/run/$1.pid"; exec "$0" supervise "$1"' "$0" "$1" \
      </dev/null >>"/var/log/$1.log" 2>&1 &
    wait_until pid_of "$1"
    ;;
  esac
}

stop() {
  local pid
  pid=$(pid_of "$1") || return 0
  kill "$pid" && wait_until gone "$pid"
}

state() { if [ -n "$(pid_of "$1")" ]; then echo active; else echo inactive; fi; }

show() {
  local pid
  pid=$(pid_of "$1")
  while IFS='=' read -r name content; do
    [ -z "$property" ] || [[ ",$property," == *",$name,"* ]] || continue
    if [ -n "$value" ]; then echo "$content"; else echo "$name=$content"; fi
  done <<END
Id=$1.service
LoadState=loaded
ActiveState=$(state "$1")
SubState=$([ -n "$pid" ] && echo running || echo dead)
MainPID=${pid:-0}
UnitFileState=enabled
END
}

enablement() { # SERVICE → the link that starts it at the next boot
  echo "$units_folder/multi-user.target.wants/$1.service"
}

act() { # VERB SERVICE
  case $1 in
  enable | disable)
    [[ $2 == *@* ]] || return 1
    if [ "$1" = enable ]; then
      mkdir -p "$(dirname "$(enablement "$2")")"
      ln -sf "$units_folder/${2%%@*}@.service" "$(enablement "$2")"
      [ -z "$now" ] || start "$2"
    else
      rm -f "$(enablement "$2")"
      [ -z "$now" ] || stop "$2"
    fi
    ;;
  supervise) supervise "$2" ;;
  start) start "$2" ;;
  stop | kill) stop "$2" ;;
  restart) stop "$2" && start "$2" ;;
  try-restart) [ -z "$(pid_of "$2")" ] || { stop "$2" && start "$2"; } ;;
  reload | reload-or-restart)
    if [ "$2" = ssh ]; then kill -HUP "$(pid_of ssh)"; else stop "$2" && start "$2"; fi
    ;;
  is-active)
    [ -n "$quiet" ] || state "$2"
    [ "$(state "$2")" = active ] || return 3
    ;;
  is-enabled) [ -n "$quiet" ] || echo enabled ;;
  status) echo "$2.service: $(state "$2")" && [ "$(state "$2")" = active ] || return 3 ;;
  show) show "$2" ;;
  *) echo "systemctl: $1 is not known on this host" >&2 && return 1 ;;
  esac
}

units_folder=/etc/systemd/system
clean_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ "$verb" != daemon-reload ] || exit 0
status=0
for unit in "${units[@]}"; do
  case ${unit%.*} in
  ssh | sshd) service=ssh ;;
  nix-daemon) service=nix-daemon ;;
  *@*) service=${unit%.service} ;;
  *)
    echo "Unit $unit could not be found." >&2
    status=4
    continue
    ;;
  esac
  act "$verb" "$service" || status=$?
done
exit "$status"
