#!/bin/bash
# Makes what is on ROOT, which is a whole Debian, a host of a kind of the pocket fleet, and lays the files in SEED over
# it: host-kind.sh KIND ROOT SEED
set -euo pipefail

kind=$1 seed=$3
cd "$2"

# shellcheck disable=SC2317 # called below, by kind
without_daemon() {
  rm -rf nix usr/lib/systemd/system/nix-daemon.* etc/systemd/system/*.wants/nix-daemon.*
  rm -rf usr/lib/tmpfiles.d/nix-daemon.conf usr/lib/environment.d/nix-daemon.conf etc/nix
}

without_systemd() {
  rm -f usr/bin/{systemctl,loginctl,journalctl,systemd-*} usr/lib/systemd/systemd
}

# What a package of a service manager would have done.
lay_out_nix() {
  mkdir -p nix/store nix/var/nix/{profiles,gcroots}/per-user nix/var/nix/daemon-socket nix/var/log/nix
  chgrp "$(sed -n 's/^nixbld:x:\([0-9]*\):.*/\1/p' etc/group)" nix/store
  chmod 1775 nix/store
  chmod 1777 nix/var/nix/{profiles,gcroots}/per-user
}

# Nothing to run but what one file brings, and what makes this a builder.
only_busybox() {
  local name
  mkdir bin.new
  mkdir -p opt/entrance
  mv usr/bin/setpriv opt/entrance/ # Programs from outside enter by it; it is on nobody's path.
  cp -p usr/bin/{busybox,doas,nix,nix-*,scp,ssh-keygen} usr/sbin/sshd bin.new/
  usr/bin/busybox --list | while read -r name; do ln -sf busybox "bin.new/$name"; done
  rm -rf usr/bin usr/sbin
  mkdir usr/sbin
  mv bin.new usr/bin
  ln -s ../bin/sshd usr/sbin/sshd
}

case $kind in
client*) rm -f etc/systemd/system/multi-user.target.wants/ssh.service ;; # A person's computer lets nobody in.
bare)
  without_daemon
  rm -rf usr/bin/nix* usr/libexec/nix usr/lib/nix
  ;;
chroot)
  without_daemon
  mkdir -p home/plain/.nix/opt/bin home/plain/.nix/store
  mv usr/bin/nix usr/bin/nix-* home/plain/.nix/opt/bin/
  rm -rf usr/libexec/nix
  ln -s /nix/opt home/plain/.nix-profile
  for name in home/plain/.nix/opt/bin/*; do [ ! -L "$name" ] || ln -sf nix "$name"; done
  ;;
single-user)
  without_daemon
  install -d -o 1004 -g 1004 nix
  ;;
sysv)
  without_systemd
  lay_out_nix
  ;;
no-manager)
  without_systemd
  rm -f usr/sbin/{init,reboot,poweroff,halt}
  lay_out_nix
  ;;
busybox)
  without_systemd
  rm -f usr/sbin/{init,reboot,poweroff,halt}
  lay_out_nix
  only_busybox
  ;;
esac
cp -a "$seed/." .
[ "$kind" != chroot ] || chown -hR 1003:1003 home/plain
if [ "$kind" = sysv ]; then
  chroot . update-rc.d nix-daemon defaults
  rm -f etc/rc[06].d/*umount* # What it stands on outlives its reboot.
fi
