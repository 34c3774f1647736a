#!/bin/bash
# Makes a folder with what more packages change in an image: make-layer.sh FOLDER LOWER PACKAGE…
# LOWER is the image's own folders, the uppermost first, with colons between them. Needs a mount namespace of its own.
set -euo pipefail

folder=$1 lower=$2
shift 2
aside=$(mktemp -d "$(dirname "$folder")/layer-XXXXXX") # on the file system of the folder, as overlayfs wants it
root=$aside/root
mkdir -p "$folder" "$aside/work" "$root"
mount -t overlay -o "lowerdir=$lower,upperdir=$folder,workdir=$aside/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
[ ! -e /etc/resolv.conf ] || install -m 0644 /etc/resolv.conf "$root/run/resolv.conf"
[ -e "$root/etc/resolv.conf" ] || : >"$root/etc/resolv.conf"
[ ! -e "$root/run/resolv.conf" ] || mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf"

# Debian starts a service when its package is installed unless policy-rc.d says 101 (invoke-rc.d(8)).
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get update -qq
chroot "$root" apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
  -o Dpkg::Options::=--force-unsafe-io "$@"
chroot "$root" apt-get clean
rm -rf "$root"/var/lib/apt/lists/* "$root/usr/sbin/policy-rc.d"
umount -R "$root"
rm -rf "$aside"
