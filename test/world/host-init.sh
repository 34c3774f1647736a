#!/bin/bash
# PID 1 of a host of the pocket fleet: builds its file system and lives until its standard input ends.
# In: ROOM (the host's folder on the machine, with the files to lay over it in ROOM/seed), LOWER (the folder that is
# below it), HOST, KIND, ADDRESS, DISK_MIB, and BINDS: lines of "ro|rw FROM TO". Says "pid N" (as the machine counts), is told "go" once its
# network cable is plugged in, says "ready" when its services listen.
set -euo pipefail

read -r pid _ </proc/self/stat # proc is still the machine's here, so this is the machine's number for us
echo "pid $pid"

# Everything the host writes goes to a tmpfs that only this mount namespace knows, and vanishes with it.
mount -t tmpfs -o "mode=0755,size=${DISK_MIB}m" millwright "$ROOM/disk"
cd "$ROOM/disk"
mkdir upper work root own
[ "$KIND" != bare ] || mknod upper/nix c 0 0 # hides the machine's own, if it has one
mount -t overlay -o "lowerdir=$LOWER,upperdir=$PWD/upper,workdir=$PWD/work" overlay root

# Folders whose content on the machine is none of the host's business.
fresh() { # PATH MODE
  mkdir -p "own/$1" "root/$1"
  chmod "$2" "own/$1"
  mount --bind "own/$1" "root/$1"
}
[ "$KIND" = bare ] || fresh nix 0755
fresh root 0700
fresh home 0755
fresh tmp 1777
fresh run 0755
fresh var/tmp 1777
fresh var/log 0755
fresh dev 0755
rm -rf root/etc/nix root/etc/sudoers.d root/etc/ssh/ssh_host_* root/etc/ssh/sshd_config.d/* root/etc/polkit-1/rules.d/*
cp -a "$ROOM/seed/." root/
install -m 0755 "$ROOM/host-boot" root/usr/local/sbin/host-boot
install -m 0755 "$ROOM/systemctl" root/usr/local/bin/systemctl
ln -sfn /usr/local/bin/systemctl root/usr/bin/systemctl

cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty root/dev/
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts root/dev/pts
mount -t tmpfs -o mode=1777 shm root/dev/shm
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd
ln -s /proc/self/fd/0 root/dev/stdin
ln -s /proc/self/fd/1 root/dev/stdout
ln -s /proc/self/fd/2 root/dev/stderr
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount -t cgroup2 cgroup2 root/sys/fs/cgroup
while read -r mode from to; do
  [ -n "$mode" ] || continue
  if [ -d "$from" ]; then mkdir -p "root$to"; else install -D /dev/null "root$to"; fi
  mount --bind "$from" "root$to"
  [ "$mode" = rw ] || mount -o remount,bind,ro "root$to"
done <<<"$BINDS"

# Not chroot: Nix joins its saved mount namespace again, and that walks out of a chroot.
cd root
mkdir .machine
pivot_root . .machine
cd /
umount -l /.machine
rmdir /.machine
hostname "$HOST"
unset ROOM LOWER BINDS OLDPWD

for home in /home/*; do
  [ ! -d "$home" ] || chown -R "${home##*/}:${home##*/}" "$home"
done
chgrp shadow /etc/shadow /etc/gshadow
mkdir -p /var/empty
touch /var/log/lastlog /var/log/wtmp /var/log/btmp

case $KIND in
bare) rm -f /usr/bin/nix* ;;
single-user) chown solo:solo /nix ;;
*)
  mkdir -p /nix/store /nix/var/nix/profiles/per-user /nix/var/nix/gcroots/per-user /nix/var/log/nix
  chown root:nixbld /nix/store
  chmod 1775 /nix/store
  chmod 1777 /nix/var/nix/profiles/per-user /nix/var/nix/gcroots/per-user
  ;;
esac

host-boot "$KIND" &
boot=$!
read -r _ # go
ip -batch - <<END
link set lo up
addr add $ADDRESS/24 dev eth0
link set eth0 up
END
wait "$boot"
echo ready
exec >/dev/null 2>&1
read -r _ || true # the end of the fleet; bash goes on reaping orphans meanwhile
