#!/bin/bash
# Makes a folder with a Debian of its own: make-release.sh FOLDER SUITE PACKAGE…
set -euo pipefail

folder=$1 suite=$2
shift 2
packages=$(IFS=,; echo "$*")
# A suite that is still being made may go without a new signature for longer than the last one says it will.
mmdebstrap --mode=root --variant=minbase --format=directory \
  --dpkgopt='path-exclude=/usr/share/{doc,man,locale,info}/*' --dpkgopt=force-unsafe-io \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --include="$packages" "$suite" "$folder"

# Each host brings its own.
rm -f "$folder"/etc/ssh/ssh_host_*
: >"$folder/etc/machine-id"
# What a short-lived host has no disk, no kernel and no time for.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer man-db.timer modprobe@.service systemd-modules-load.service sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount; do
  ln -sf /dev/null "$folder/etc/systemd/system/$unit"
done
