# How whatever changes this machine begins, and how it speaks.
#
# Parameters, set above it (each checked by Millwright before it is written down):
#   nonce    a random word; every line of output that counts begins with it
#   mode     "dedicated": a user of Millwright's own, made by root; "own": the user who runs this, no root
#   install  which installation of Millwright this is, eight hex digits
#   builder  the name under which that installation knows this machine
#   untagged "yes" where key lines that name no builder can be of nobody else but it: earlier versions named none
#   build_key  the public key that builds come in by, "TYPE BASE64"; empty where it is not known
#   user     the login name that builders use
#   conf_file  the nix.conf that may get one !include line (dedicated only)
#   nix_bin  the folder of Nix's programs

set -eu
cd /

if [ "$mode" = dedicated ]; then
  umask 022
  HOME=$(awk -F : '$3 == 0 { print $6; exit }' /etc/passwd) # sudo may have kept the login's
  base=/var/lib/millwright # all of it root's, so that a builder's key cannot be used to change it
  home=$base/home
else
  umask 077
  base=$HOME/.local/share/millwright
  home=$HOME
fi
keys=$home/.ssh/authorized_keys
state=$base/state       # one line for each thing made outside of base
fragment=$base/nix.conf # what the include line names
pending=$base/restart   # there while the Nix daemon has not yet read a change; says whether it ran before that
signing=$base/signing-key # signs what is built here: root's alone, and it never leaves
include="!include $fragment"

say() { printf 'mw-%s %s\n' "$nonce" "$*"; }
step() { say "step $1 $2"; }

fail() { # CODE WORDS: ends everything
  say "error $1 $(printf '%s' "$2" | tr '\n\r\t' '   ' | cut -c 1-1000)"
  exit 1
}
