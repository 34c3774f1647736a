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
  expect_restart
  grep -qsxF "$1" "$fragment" || edit "$fragment" with_line "$fragment" "$1"
  if ! grep -qsxF "$include" "$conf"; then
    [ -e "$conf" ] || remember "made $conf"
    edit "$conf" with_line "$conf" "$include"
  fi
  # Whatever Nix thinks of the line, it must never keep Nix from starting.
  if ! said=$(nix_by_root --version 2>&1); then
    drop_settings "^$1\$"
    fail nix-conf "$said"
  fi
}

# Takes lines back, and with the last one the include line.
drop_settings() { # PATTERN
  if grep -qsE "$1" "$fragment"; then
    expect_restart
    edit "$fragment" without "$fragment" "$1"
  fi
  if [ -s "$fragment" ]; then return 0; fi
  conf=$(real "$conf_file")
  rm -f "$conf.millwright-new"
  if grep -qsxF "$include" "$conf"; then
    expect_restart
    why=$(why_not_trusted "$conf")
    if [ -z "$why" ]; then
      edit "$conf" without "$conf" "^!include $fragment\$"
    else
      say "left a line in $conf: $why" # Nix takes no notice of it: what it names goes.
    fi
  fi
  remove_made "$conf"
  forget "made $conf"
  rm -f "$fragment"
}

# For whoever finds the daemon down later: only one that ran is to be started again.
expect_restart() {
  [ ! -e "$pending" ] || return 0
  ran=down
  if daemon_runs; then ran=ran; fi
  edit "$pending" echo "$ran"
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
  trap 'trap "" HUP INT TERM PIPE; unlock' EXIT
  end_by_signal
}

end_by_signal() {
  # PIPE: when nobody listens any more, a shell would end without its EXIT trap.
  trap 'trap "" HUP INT TERM PIPE; exit 1' HUP INT TERM PIPE
}

# Not while a restart of ours still goes on: see `apart`.
unlock() {
  if [ "$(readlink "$base/lock" || true)" = "$$.$boot" ]; then rm -f "$base/lock"; fi
}

# At one stroke, so that nobody who waits finds it free.
hand_lock_to() { # PID
  [ -d "$base" ] || fail write-failed "$base"
  rm -f "$base/lock.new"
  ln -s "$1.$boot" "$base/lock.new" 2>/dev/null && mv -f "$base/lock.new" "$base/lock"
}

home_of() { awk -F : -v name="$1" '$1 == name { print $6 }' /etc/passwd; }

# Why another than root, or than the user with UID, could change a path or what is found by it: every folder on the
# way, links and where they lead included, has to be theirs and writable by nobody else. Nothing when all are. In the
# store, and where each user has a profile, others may write, but only beside what is root's (sticky).
why_not_trusted() { # PATH [UID]
  walked='' rest=$1 links=0
  while [ -n "$rest" ]; do
    rest=${rest#/}
    part=${rest%%/*}
    rest=${rest#"$part"}
    case $part in
    '' | .) continue ;;
    ..)
      walked=${walked%/*}
      continue
      ;;
    esac
    at=$walked/$part
    # shellcheck disable=SC2012 # one file, and stat(1) differs between systems
    listed=$(ls -ldn "$at" 2>/dev/null | awk '{ print $1, $3 }')
    case ${listed#* } in
    '') echo "$at is missing" && return ;;
    0 | "${2:-0}") ;;
    *) echo "$at belongs to $(owner_of "$at")" && return ;;
    esac
    if [ -L "$at" ]; then
      links=$((links + 1))
      [ "$links" -le 40 ] || { echo "$1 leads in a circle" && return; }
      target=$(readlink "$at")
      case $target in /*) walked='' ;; esac
      rest=/$target$rest
      continue
    fi
    case ${listed% *}$at in
    d????????[tT]*/nix/store | d????????[tT]*/nix/var/nix/profiles/per-user) ;;
    ?????w* | ????????w*) echo "$at can be changed by others than its owner" && return ;;
    esac
    walked=$at
  done
}

# What builds will run, and root itself: whoever logged in has named it.
check_nix() {
  owner=0
  if [ "${run_as-}" = owner ]; then owner=$(id -u); fi
  for program in nix nix-store nix-daemon; do
    why=$(why_not_trusted "$nix_bin/$program" "$owner")
    [ -z "$why" ] || fail not-trusted-there "$why"
  done
}

# The file that root is to edit is the daemon's own, and nobody else's.
check_conf() {
  dir=$(daemon_conf_dir)
  case $conf_file in
  "$dir/nix.conf" | "$dir/nix.custom.conf") ;;
  *) fail look-differs "$conf_file is not read by the Nix daemon, which reads $dir/nix.conf" ;;
  esac
  case $(real "$conf_file") in /nix/store/* | /etc/static/*) fail look-differs "$conf_file is made by a rebuild" ;; esac
  conf=$dir
  if [ -e "$conf_file" ]; then conf=$conf_file; fi
  why=$(why_not_trusted "$conf")
  [ -z "$why" ] || fail not-trusted-there "$why"
}

# Nix as the system has set it up, not as some person has.
nix_by_root() {
  NIX_CONF_DIR=$(daemon_conf_dir) NIX_USER_CONF_FILES='' XDG_CONFIG_HOME=/nonexistent XDG_CONFIG_DIRS=/nonexistent \
    "$nix_bin/nix" "$@"
}

# --- The next five are inspect.sh's too, word for word: nothing that the login has said of them counts.

# Where the daemon reads its settings (nix.conf(5), NIX_CONF_DIR), whatever the login's own Nix reads.
daemon_conf_dir() {
  dir=$(systemctl show --property Environment nix-daemon.service 2>/dev/null | tr ' ' '\n' |
    sed -n 's/^\(Environment=\)\{0,1\}NIX_CONF_DIR=//p')
  dir=${dir%/}
  echo "${dir:-/etc/nix}"
}

# A daemon of root's that no client started over SSH.
daemon_runs() {
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm"; } 2>/dev/null || continue
    if [ "$name" != nix-daemon ] || [ "$(owner_of "$process")" != root ]; then continue; fi
    tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qxF -e --stdio || return 0
  done
  return 1
}

# What could restart it. One that somebody started by hand nobody else can, not even where there is a unit for it.
daemon_manager() {
  if [ "$(uname -s)" = Darwin ]; then
    echo launchd
  elif [ -d /run/systemd/system ]; then
    active=$(systemctl is-active nix-daemon.service nix-daemon.socket 2>/dev/null)
    case " $(echo "$active" | tr '\n' ' ')" in
    *' active '* | *' activating '*) echo systemd ;;
    *)
      if [ "$(systemctl show --property LoadState nix-daemon.service 2>/dev/null)" = LoadState=loaded ] && ! daemon_runs; then
        echo systemd
      else
        echo none
      fi
      ;;
    esac
  elif command -v rc-service >/dev/null && rc-service --exists nix-daemon; then
    echo openrc
  elif command -v sv >/dev/null && ls -d /service/nix-daemon /var/service/nix-daemon /etc/service/nix-daemon /run/runit/service/nix-daemon >/dev/null 2>&1; then
    echo runit
  elif [ -x /etc/init.d/nix-daemon ]; then
    echo sysv
  else
    echo none
  fi
}

owner_of() {
  # shellcheck disable=SC2012
  ls -ld "$1" | awk '{ print $3 }'
}

# The group that a socket is kept for (Debian: nix-users); nothing when it is open to everybody.
socket_group() {
  for path in "${1%/*}" "$1"; do
    # shellcheck disable=SC2012
    ls -ld "$path" 2>/dev/null | awk '{ print $1, $4 }'
  done | while read -r bits group; do
    case $bits in
    d????????[xt]* | s???????w*) ;;
    *) echo "$group" && break ;;
    esac
  done
}

# --- Until here.

# Its answer to root. Nix 2.3 has another word for the question.
daemon_answers() {
  limit=''
  if command -v timeout >/dev/null; then limit='timeout 10'; fi
  $limit env NIX_USER_CONF_FILES= "$nix_bin/nix" --extra-experimental-features nix-command store ping --store daemon >/dev/null 2>&1 ||
    $limit env NIX_USER_CONF_FILES= "$nix_bin/nix" ping-store --store daemon >/dev/null 2>&1
}

# After a restart its socket may be gone for a moment.
await_daemon() { # SECONDS
  end=$(($(date +%s) + $1))
  until daemon_answers; do
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 0.2 2>/dev/null || sleep 1
  done
}

# Runs a command in a session of its own, so that what it has begun it ends, though nobody listens any more: between a
# stop and a start there is no daemon. Until then the lock is its own. A file takes what it says, because a daemon that
# it starts would hold a pipe open. Its words are in $said.
apart() { # COMMAND…
  cut=''
  trap 'cut=yes' HUP INT TERM PIPE
  session=setsid
  command -v setsid >/dev/null || session=''
  $session "$@" </dev/null >"$base/restart.said" 2>&1 &
  working=$!
  # More than once: the signal may also have ended what does it.
  hand_lock_to "$working" || hand_lock_to "$working" || hand_lock_to "$working" || true
  end_by_signal
  [ -z "$cut" ] || exit 1
  status=0
  wait "$working" || status=$?
  hand_lock_to "$$"
  said=$(head -c 1000 "$base/restart.said")
  rm -f "$base/restart.said"
  return "$status"
}

# shellcheck disable=SC2016
by_systemd='systemctl reset-failed nix-daemon.service nix-daemon.socket 2>/dev/null
if systemctl is-failed --quiet nix-daemon.socket; then systemctl start nix-daemon.socket; fi
systemctl "$1" nix-daemon.service'

# Restarts the daemon, which reads its settings only when it starts, if there is something new for it to read. Builds
# that run live on: each has a process of its own, which neither systemd (KillMode=process) nor OpenRC takes along. One
# that an interrupted restart has left down is started. Fails with $problem, and its words in $said.
try_restart() {
  [ -e "$pending" ] || return 0
  ran=$(cat "$pending")
  if daemon_runs; then ran=ran; fi
  if [ "$ran" = down ]; then
    rm -f "$pending"
    return 0
  fi
  problem=daemon-restart
  manager=$(daemon_manager)
  case $manager in
  systemd)
    verb=restart
    [ "$ran" = ran ] || verb=try-restart
    # systemd would otherwise refuse the sixth start within ten seconds, and leave Nix without a daemon.
    apart sh -c "$by_systemd" sh "$verb" || return 1
    ;;
  openrc) apart rc-service nix-daemon restart || return 1 ;;
  runit) apart sv restart nix-daemon || return 1 ;;
  sysv) apart /etc/init.d/nix-daemon restart || return 1 ;;
  *)
    said='no service manager here runs it'
    return 1
    ;;
  esac
  problem=daemon-down said=$manager
  [ -n "$(why_not_trusted "$nix_bin/nix")" ] || await_daemon 15 || return 1
  rm -f "$pending"
}

restart_daemon() {
  [ -e "$pending" ] || return 0
  step daemon start
  try_restart || fail "$problem" "$said"
  step daemon 'done'
}

# The same where something is taken back, which ends whatever becomes of the daemon: what it read may outlive this, and
# is said. A signing key that it goes on using stays.
restart_daemon_if_possible() {
  [ -e "$pending" ] || return 0
  step daemon start
  if try_restart; then
    step daemon 'done'
  else
    say "unrestarted $problem $(printf '%s' "$said" | tr '\n\r\t' '   ' | cut -c 1-1000)"
    keeps_key=yes
  fi
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
  [ -z "${keeps_key-}" ] || return 0
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
