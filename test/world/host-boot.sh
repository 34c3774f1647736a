#!/bin/bash
# What happens at each start of a host of the pocket fleet of kind $1: /run is laid out, the services come up.
set -euo pipefail

mkdir -p /run/sshd /run/lock /run/user /run/dbus /run/systemd/system
starting=()
case $1 in
client* | builder*)
  systemctl start nix-daemon &
  starting+=($!)
  ;;
esac
case $1 in
client*) ;;
*)
  systemctl start ssh &
  starting+=($!)
  ;;
esac
for unit in /etc/systemd/system/multi-user.target.wants/*@?*.service; do
  # Instances of what the host itself has; the machine's own services stay the machine's.
  [ ! -e "/etc/systemd/system/$(basename "$unit" | sed 's/@.*/@.service/')" ] || systemctl start "$(basename "$unit")" &
  starting+=($!)
done
if [ "$1" = client ]; then
  # What logind would lay down for a person at the screen: polkit asks sd-login(3), which reads these.
  mkdir -p /run/systemd/sessions /run/systemd/users /run/systemd/seats
  install -d -m 0700 -o dev -g dev /run/user/1000
  printf '%s\n' UID=1000 USER=dev ACTIVE=1 STATE=active REMOTE=0 TYPE=x11 CLASS=user \
    SCOPE=session-c1.scope SEAT=seat0 >/run/systemd/sessions/c1
  printf '%s\n' NAME=dev STATE=active RUNTIME=/run/user/1000 DISPLAY=c1 SESSIONS=c1 SEATS=seat0 \
    ACTIVE_SESSIONS=c1 ONLINE_SESSIONS=c1 ACTIVE_SEATS=seat0 ONLINE_SEATS=seat0 >/run/systemd/users/1000
  printf '%s\n' IS_SEAT0=1 ACTIVE=c1 ACTIVE_UID=1000 SESSIONS=c1 UIDS=1000 >/run/systemd/seats/seat0
  mkdir -p /sys/fs/cgroup/user.slice/user-1000.slice/session-c1.scope
  dbus-daemon --system --fork
  setsid /usr/lib/polkit-1/polkitd --no-debug </dev/null >/var/log/polkitd.log 2>&1 &
fi
for job in "${starting[@]}"; do wait "$job"; done
