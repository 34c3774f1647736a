#!/bin/bash
# First process of a host of the pocket fleet at each start, in namespaces of its own: enters its control group, lays
# out what lives in memory, goes over to its root, and becomes /sbin/init. Surroundings as in keeper.sh.
set -euo pipefail

if [ "${1-}" != grouped ]; then
  read -r PID _ </proc/self/stat # as the machine counts
  export PID
  # What was there before a reboot is empty, or about to be.
  for ((tries = 0; tries < 500; tries++)); do
    [ -d "$CGROUP" ] || break
    find "$CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.02
  done
  mkdir -p "$CGROUP"
  echo 0 >"$CGROUP/cgroup.procs"
  mkdir "$CGROUP/entered" # for programs that come from outside
  exec unshare -C bash "$0" grouped
fi

# System V's reboot sets them down.
ip link set lo up
ip link set eth0 up

cd "$ROOM/disk/root"
mkdir -p dev proc sys run tmp .machine
mount -t tmpfs -o mode=0755 dev dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty dev/
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=0755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t proc proc proc
# The kernel's settings are the machine's, all but the name of this boot.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
cat /proc/sys/kernel/random/uuid >run/boot-id
mount --bind run/boot-id proc/sys/kernel/random/boot_id
while read -r mode from to; do
  [ -n "$mode" ] || continue
  if [ -d "$from" ]; then
    mkdir -p ".$to"
  elif [ ! -e ".$to" ]; then
    install -D /dev/null ".$to"
  fi
  mount --bind "$from" ".$to"
  [ "$mode" = rw ] || mount -o remount,bind,ro ".$to"
done <<<"$BINDS"

# Not chroot: Nix joins its saved mount namespace again, and that walks out of a chroot.
pivot_root . .machine
cd /
echo "$PID" >"/.machine$ROOM/pid.new"
mv "/.machine$ROOM/pid.new" "/.machine$ROOM/pid"
: >"/.machine$ROOM/started"
umount -l /.machine
rmdir /.machine
echo started
exec env -i container=millwright PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /sbin/init \
  </dev/null >/dev/null 2>&1
