# What provision.sh, unprovision.sh and substituter.sh share. Millwright puts it between the parameters and one
# of them.
#
# Parameters, set above this line (each checked by Millwright before it is written down):
#   nonce    a random word; every line of output that counts begins with it
#   mode     "dedicated": a user of Millwright's own, made by root; "own": the user who runs this, no root
#   install  which installation of Millwright this is, eight hex digits
#   builder  the name under which that installation knows this machine
#   untagged "yes" where key lines that name no builder can be of nobody else but it: earlier versions named none
#   build_key  the public key that builds come in by, "TYPE BASE64"; empty where it is not known
#   user     the login name that builders use
#   conf_file  the nix.conf that may get one !include line (dedicated only)
#   nix_bin  the folder of Nix's programs
# shellcheck shell=sh disable=SC2034,SC2154

# What the login's start-up files set decides nothing here: the programs are the system's, and of the environment
# only who logged in is kept.
PATH=/run/wrappers/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin
for name in $(env | sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p'); do
  case $name in
  HOME | PATH | USER | LOGNAME | SSH_CONNECTION | PWD | OLDPWD | SHLVL) ;;
  BASHOPTS | BASH_VERSINFO | SHELLOPTS | UID | EUID | PPID) ;; # bash lets nobody unset these
  *) unset "$name" ;;
  esac
done
LC_ALL=C
export LC_ALL PATH
set -eu

if [ "$mode" = dedicated ]; then
  umask 022
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
pending=$base/restart   # there while the Nix daemon has not yet read a change
signing=$base/signing-key # signs what is built here: root's alone, and it never leaves
include="!include $fragment"

say() { printf 'mw-%s %s\n' "$nonce" "$*"; }
step() { say "step $1 $2"; }

fail() { # CODE WORDS: ends everything
  say "error $1 $(printf '%s' "$2" | tr '\n\r\t' '   ' | cut -c 1-1000)"
  exit 1
}

# Which key lines are this builder's: those that name it, and where they are its own, those that name none.
own_lines() {
  if [ "$untagged" = yes ]; then
    echo "( millwright-$builder| ssh-ed25519 [^ ]+) millwright:$install:[a-z]+\$"
  else
    echo " millwright-$builder millwright:$install:[a-z]+\$"
  fi
}

# Lines without a name came in threes, so the key that builds says whose the others are.
settle_untagged() {
  if [ -n "$build_key" ] && grep -qsF " $build_key millwright:$install:build" "$keys"; then untagged=yes; fi
}

free_kib() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

fail_writing() { # FILE
  if [ "$(free_kib "$(dirname "$1")")" -lt 64 ]; then fail disk-full "$1"; fi
  fail write-failed "$1"
}

# What a command prints becomes the content of a file, at one stroke and only if the command succeeds. A file
# that exists keeps its owner and mode.
edit() { # FILE COMMAND…
  file=$1
  shift
  {
    if [ -e "$file" ]; then cp -p "$file" "$file.millwright-new"; else : >"$file.millwright-new"; fi &&
      "$@" >"$file.millwright-new" && mv -f "$file.millwright-new" "$file"
  } 2>/dev/null || {
    rm -f "$file.millwright-new"
    fail_writing "$file"
  }
}

lacks_final_newline() { [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; }

# A text with a last line added, so that `without` gives back every byte: a missing newline stays missing.
with_line() { # FILE LINE
  if [ ! -e "$1" ]; then
    printf '%s\n' "$2"
  elif lacks_final_newline "$1"; then
    cat "$1" && printf '\n%s' "$2"
  else
    cat "$1" && printf '%s\n' "$2"
  fi
}

without() { # FILE PATTERN
  end='\n'
  if lacks_final_newline "$1"; then end=''; fi
  awk -v pattern="$2" -v end="$end" \
    '$0 !~ pattern { printf "%s%s", before, $0; before = "\n"; kept = 1 } END { if (kept) printf end }' "$1"
}

# The file itself where a name is a link, so that replacing it does not cut the link.
real() { if [ -L "$1" ]; then readlink -f "$1"; else printf '%s\n' "$1"; fi; }

remember() { # LINE
  if [ -e "$state" ] && grep -qxF "$1" "$state"; then return 0; fi
  edit "$state" with_line "$state" "$1"
}

forget() { # LINE
  if grep -qsxF "$1" "$state"; then edit "$state" without "$state" "^$1\$"; fi
}

# Removes an empty file or folder if it was Millwright that made it.
remove_made() { # PATH
  grep -qsxF "made $1" "$state" || return 0
  if [ -d "$1" ]; then
    rmdir "$1" 2>/dev/null || true # somebody else has put something into it
  elif [ -e "$1" ] && [ ! -s "$1" ]; then
    rm -f "$1"
  fi
}

# A line that Nix is to read from now on. What another installation needed stays.
add_setting() { # LINE
  conf=$(real "$conf_file")
  if grep -qsxF "$1" "$fragment" && grep -qsxF "$include" "$conf"; then return 0; fi
  : >"$pending" || fail_writing "$pending"
  grep -qsxF "$1" "$fragment" || edit "$fragment" with_line "$fragment" "$1"
  if ! grep -qsxF "$include" "$conf"; then
    [ -e "$conf" ] || remember "made $conf"
    edit "$conf" with_line "$conf" "$include"
  fi
  # Whatever Nix thinks of the line, it must never keep Nix from starting.
  if ! said=$("$nix_bin/nix" --version 2>&1); then
    drop_settings "^$1\$"
    fail nix-conf "$said"
  fi
}

# Takes lines back, and with the last one the include line.
drop_settings() { # PATTERN
  if grep -qsE "$1" "$fragment"; then
    : >"$pending" || fail_writing "$pending"
    edit "$fragment" without "$fragment" "$1"
  fi
  if [ -s "$fragment" ]; then return 0; fi
  conf=$(real "$conf_file")
  rm -f "$conf.millwright-new"
  if grep -qsxF "$include" "$conf"; then
    : >"$pending" || fail_writing "$pending"
    edit "$conf" without "$conf" "^!include $fragment\$"
  fi
  remove_made "$conf"
  forget "made $conf"
  rm -f "$fragment"
}

# One at a time: two computers may add this machine at once. The link says who holds it, since which boot.
lock() {
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
  waited=0
  until ln -s "$$.$boot" "$base/lock" 2>/dev/null; do
    [ -d "$base" ] || fail write-failed "$base"
    holder=$(readlink "$base/lock" || true)
    if [ -n "$holder" ] && { [ "${holder#*.}" != "$boot" ] || ! kill -0 "${holder%%.*}" 2>/dev/null; }; then
      rm -f "$base/lock"
    elif [ "$waited" -ge 60 ]; then
      fail busy "$base/lock is held by process ${holder%%.*}"
    else
      [ -n "$holder" ] || [ -w "$base" ] || fail write-failed "$base/lock"
      sleep 1
      waited=$((waited + 1))
    fi
  done
  # A second signal would end the EXIT trap, and the rm in it, on its way.
  trap 'trap "" HUP INT TERM PIPE; rm -f "$base/lock"' EXIT
  # PIPE: when nobody listens any more, a shell would end without its EXIT trap.
  trap 'trap "" HUP INT TERM PIPE; exit 1' HUP INT TERM PIPE
}

home_of() { awk -F : -v name="$1" '$1 == name { print $6 }' /etc/passwd; }

# The daemon reads trusted-users only when it starts. Builds that run live on through a restart: each has a
# process of its own, which neither systemd (KillMode=process) nor OpenRC takes along.
restart_daemon() {
  [ -e "$pending" ] || return 0
  step daemon start
  if [ -d /run/systemd/system ]; then
    # systemd would otherwise refuse the sixth start within ten seconds, and leave Nix without a daemon.
    systemctl reset-failed nix-daemon.service 2>/dev/null || true
    said=$(systemctl try-restart nix-daemon.service 2>&1) || fail daemon-restart "$said"
  elif command -v rc-service >/dev/null; then
    said=$(rc-service nix-daemon restart 2>&1) || fail daemon-restart "$said"
  elif command -v sv >/dev/null; then
    said=$(sv restart nix-daemon 2>&1) || fail daemon-restart "$said"
  else
    fail daemon-restart 'no known way to restart the Nix daemon here'
  fi
  rm -f "$pending"
  step daemon 'done'
}

# Builds run as members of the build group, one user each.
is_busy() { ps -A -o user= 2>/dev/null | awk '/^_?nixbld/ { found = 1 } END { exit !found }'; }

# Ends signing, unless another builder of Millwright's wants it too. The daemon is yet to be restarted.
stop_signing() {
  forget "substituter $install $builder"
  if [ "$untagged" = yes ]; then forget "substituter $install"; fi
  if ! grep -qs '^substituter ' "$state"; then drop_settings " $signing\$"; fi
}

# After that. A build that began before the restart still reads the key when it ends, and would fail without.
delete_signing_key() {
  if [ -e "$signing" ]; then
    waited=0
    while is_busy; do
      [ "$waited" -lt 60 ] || fail builds-running "$signing is still needed"
      sleep 1
      waited=$((waited + 1))
    done
  fi
  rm -f "$signing" "$signing.pub" "$signing.new" "$signing.pub.new" "$base/unsigned."*
}
