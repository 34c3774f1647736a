#!/bin/sh
# Runs as root when the deb or rpm has been removed; on an upgrade the new version's files are there already.
set -e
[ ! -e /opt/Millwright/resources/helper/install.mjs ] || exit 0
rm -f /usr/bin/millwright /usr/share/polkit-1/actions/org.millwright.policy
rm -rf /usr/lib/millwright
