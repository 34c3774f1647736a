#!/bin/bash
# Keeps a host of the pocket fleet: its disk, its network and its name stay across reboots. First process of a process
# namespace around the host's own, so that all of the host ends with it: when its standard input ends.
# In: ROOM (the host's folder on the machine, with the files to lay over the image in ROOM/seed), LOWER (the image's
# folders, the uppermost first, with colons between them), HOST, KIND, ADDRESS, DISK_MIB, CGROUP, and BINDS: lines of
# "ro|rw FROM TO". Says "pid N" (as the machine counts), is told "go" once its network cable is plugged in, says
# "started" when the host's own first process is about to run, and "ended" when there will be none any more.
set -euo pipefail

read -r pid _ </proc/self/stat # proc is still the machine's here, so this is the machine's number for us
echo "pid $pid"

# Everything the host writes goes to a tmpfs that only this mount namespace knows, and vanishes with it.
mount -t tmpfs -o "mode=0755,size=${DISK_MIB}m" millwright "$ROOM/disk"
cd "$ROOM/disk"
mkdir upper work root
mount -t overlay -o "lowerdir=$LOWER,upperdir=$PWD/upper,workdir=$PWD/work" overlay root
scripts=$(dirname "$0")
bash "$scripts/kind.sh" "$KIND" root "$ROOM/seed"
hostname "$HOST"

read -r _ # go
ip addr add "$ADDRESS/24" dev eth0

run_until_off() {
  local status
  while :; do
    status=0
    rm -f "$ROOM/started"
    unshare -m -p -f --kill-child bash "$scripts/boot.sh" || status=$?
    # The kernel ends the first process of a namespace by SIGINT when it powers off (reboot(2)): then it stays off.
    if [ "$status" = 130 ] || [ ! -e "$ROOM/started" ]; then break; fi
  done
  echo ended
}
run_until_off &
read -r _ || true # the end of the fleet; bash goes on reaping orphans meanwhile
