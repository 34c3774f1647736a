# Looks at this machine and says what it found. It changes nothing.
#
# Millwright sends it over SSH to /bin/sh before it offers to make the machine a builder. Every line that
# counts begins with a random word (nonce), so that text printed by a shell's start-up files is told apart.
# Parameters, set above this line: nonce, only ("" for everything; "speed" for the speed alone, "identity" for who
# this machine is, "sshd" for how its SSH server would take the users in `users` from where `ssh_connection` says).
# shellcheck shell=sh disable=SC2154

login_path=${MILLWRIGHT_LOGIN_PATH-$PATH}
login_shell=${MILLWRIGHT_LOGIN_SHELL-${SHELL-}}
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

fact() { # NAME VALUE: one line, whatever the value holds
  case $2 in
  *"
"*) printf 'mw-%s fact %s %s\n' "$nonce" "$1" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
  *) printf 'mw-%s fact %s %s\n' "$nonce" "$1" "$2" ;;
  esac
}

# The same work on every machine: one text packed by gzip, over and over for a set time. Starting programs is
# part of it, as it is part of building.
count_rounds() { # SECONDS
  {
    text=$(awk 'BEGIN { for (i = 0; i < 20000; i++) print i * 7919 % 65521 }')
    while :; do
      printf '%s' "$text" | gzip -9 -c | wc -c >/dev/null
      echo round
    done &
    worker=$!
    sleep "$1"
    kill "$worker"
    wait "$worker"
  } 2>/dev/null | grep -c round
}

# On a busy machine not one round may end in a quarter of a second, nor in one: it is slow then, not unknown.
speed() {
  rounds=0
  ! sleep 0.01 2>/dev/null || rounds=$(($(count_rounds 0.25) * 4)) # a sleep may know no fractions
  [ "$rounds" -gt 0 ] || rounds=$(count_rounds 1)
  [ "$rounds" -gt 0 ] || rounds=1
  fact speed_rounds_per_second "$rounds"
}

system() {
  kernel=$(uname -s | tr '[:upper:]' '[:lower:]')
  fact host_name "$(uname -n)"
  fact user "$(id -un)"
  fact uid "$(id -u)"
  fact groups "$(id -Gn)"
  fact home "$HOME"
  fact login_shell "$login_shell"
  fact ssh_connection "${SSH_CONNECTION-}"
  fact kernel "$kernel"
  fact kernel_name "$(uname -s)"
  fact architecture "$(uname -m)"
  if [ "$kernel" = darwin ]; then
    fact os_name "$(sw_vers -productName) $(sw_vers -productVersion)"
    fact cpus "$(sysctl -n hw.logicalcpu)"
    fact memory_bytes "$(sysctl -n hw.memsize)"
    fact init launchd
    [ ! -e /run/current-system/darwin-version ] || fact declarative nix-darwin
  else
    # shellcheck disable=SC1091 # a file of that machine
    fact os_name "$( (. /etc/os-release && printf '%s' "${PRETTY_NAME:-}") 2>/dev/null)"
    fact cpus "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)"
    fact memory_bytes "$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
    fact init "$(init_name)"
    [ ! -e /etc/NIXOS ] || fact declarative nixos
  fi
}

# Told from another machine of the same name, and known under another one. machine-id(5) asks to tell nobody the
# id itself.
identity() {
  if [ "$(uname -s)" = Darwin ]; then
    fact boot_id "$(sysctl -n kern.bootsessionuuid 2>/dev/null)"
    id=$(ioreg -rd1 -c IOPlatformExpertDevice 2>/dev/null | awk -F '"' '/IOPlatformUUID/ { print $4 }')
  else
    fact boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
    id=$(cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null)
  fi
  case $id in
  '' | uninitialized) ;;
  *) fact machine_id "$(printf 'millwright %s' "$id" | { sha256sum 2>/dev/null || shasum -a 256; } 2>/dev/null | cut -c 1-32)" ;;
  esac
}

host_keys() {
  cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null | while read -r type key _; do fact host_key "$type $key"; done
}

init_name() {
  if [ -d /run/systemd/system ]; then
    echo systemd
  elif [ -d /run/openrc ]; then
    echo openrc
  elif [ -d /run/runit ] || [ -d /etc/runit ]; then
    echo runit
  else
    echo other
  fi
}

# Who may use /dev/kvm: the users that builds run as, which on many systems are not in its group.
kvm() {
  [ -c /dev/kvm ] || return 0
  # shellcheck disable=SC2012 # one device file, and stat(1) differs between systems
  set -- "$(ls -lL /dev/kvm | awk '{ print $1, $4 }')"
  case $1 in
  ???????rw*) fact kvm yes ;;
  *)
    if [ "$kind" = single-user ]; then
      [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ] || fact kvm yes
    elif id -Gn nixbld1 2>/dev/null | tr ' ' '\n' | grep -qxF -- "${1#* }"; then
      fact kvm yes
    fi
    ;;
  esac
}

# How to become root, the best first: the tools are asked, and say more than groups do. No password is tried. A shell
# is asked for, because a rule may let somebody run other programs alone.
root_way() {
  if [ "$(id -u)" = 0 ]; then
    echo is-root
  elif sudo -n -- /bin/sh -c : 2>/dev/null; then
    echo sudo-free
  elif doas -n /bin/sh -c : 2>/dev/null; then
    echo doas
  else
    way_with_password
  fi
}

way_with_password() {
  ways="$(sudo_way) $(doas_way) $(su_way)"
  for way in sudo-password doas-password sudo-unsure sudo-terminal su; do
    case " $ways " in *" $way "*) echo "$way" && return ;; esac
  done
  echo none
}

# `sudo -l` tells without a password only whom some rule lets do without one; whoever is in one of these groups is let
# by the usual rules. Of anybody else sudo says nothing before it has the password.
sudo_way() {
  command -v sudo >/dev/null || return 0
  if sudo -n -l /bin/sh >/dev/null 2>&1; then
    echo sudo-password
    return 0
  fi
  case $(sudo -n -l 2>&1 >/dev/null) in
  *'must have a tty'*) echo sudo-terminal ;;
  *'password is required'* | *'authentication is required'*)
    if id -Gn | tr ' ' '\n' | grep -qxE 'sudo|wheel|admin'; then echo sudo-password; else echo sudo-unsure; fi
    ;;
  esac
}

doas_way() {
  command -v doas >/dev/null || return 0
  case $(doas -n /bin/sh -c : 2>&1) in *'Authentication required'*) echo doas-password ;; esac
}

su_way() { if [ "$kernel" = linux ] && [ -u "$(command -v su)" ]; then echo su; fi; }

# Nix of the whole system first, and of the login's own last: the builder's own user cannot see into somebody's home,
# and root runs nothing that lies there. In a store of the login's own, the login's PATH tells which Nix writes it.
find_nix() {
  on_path=$(nix_on_path_of "$login_path")
  [ -z "$on_path" ] || fact nix_on_path yes
  own_path=''
  if [ "$kind" = single-user ] && [ "$(owner_of /nix)" = "$(id -un)" ]; then own_path=$on_path; fi
  for dir in /nix/var/nix/profiles/default/bin /run/current-system/sw/bin "$own_path" /usr/bin /usr/local/bin \
    /nix/var/nix/profiles/per-user/root/profile/bin "$on_path" "$HOME/.nix-profile/bin" \
    "$HOME/.local/state/nix/profiles/profile/bin"; do
    [ -z "$dir" ] || [ ! -x "$dir/nix-store" ] || { bin_dir=$dir && return 0; }
  done
  find_nix_elsewhere
}

# A store that is there was made by some Nix: its daemon's, its owner's, or one that a login alone sees.
find_nix_elsewhere() {
  [ -d /nix/store ] || return 1
  owner=$(owner_of /nix)
  home=$(awk -F : -v name="$owner" '$1 == name { print $6 }' /etc/passwd)
  for dir in "$(dir_of_daemon)" "$home/.nix-profile/bin" "/nix/var/nix/profiles/per-user/$owner/profile/bin" \
    "$home/.local/state/nix/profiles/profile/bin" "$(nix_on_path_of "$(path_of_login_shell)")" /opt/nix/bin; do
    [ -z "$dir" ] || [ ! -x "$dir/nix-store" ] || { bin_dir=$dir && return 0; }
  done
  fact store_without_nix "$owner"
  return 1
}

# As its first word says, which is a whole path where a service manager started it.
dir_of_daemon() {
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm"; } 2>/dev/null || continue
    if [ "$name" != nix-daemon ] || [ "$(owner_of "$process")" != root ]; then continue; fi
    program=$(tr '\0' '\n' <"$process/cmdline" 2>/dev/null | head -n 1)
    case $program in /*/nix-daemon) echo "${program%/*}" && return ;; esac
  done
}

# The PATH once the login's own shell has read what it reads at a login, where some installers write. It may do
# anything then, so it gets three seconds and nothing to read.
path_of_login_shell() {
  command -v timeout >/dev/null && [ -x "$login_shell" ] || return 0
  # shellcheck disable=SC2016 # that shell's own
  timeout 3 "$login_shell" -l -c 'exec /bin/sh -c "echo mw-path \"\$PATH\""' </dev/null 2>/dev/null | sed -n 's/^.*mw-path //p' |
    tail -n 1
}

# Where the login itself would find Nix. It is looked at, not run.
nix_on_path_of() { # PATH
  set -f
  IFS=:
  for dir in $1; do
    case $dir in /*) [ ! -x "$dir/nix-store" ] || { printf '%s\n' "$dir" && break; } ;; esac
  done | sed 's,//*,/,g; s,/$,,'
}

# The first folder on the way to a path that is not root's; nothing when all are. Root looks again, and further.
not_roots() { # PATH
  at=$1
  while [ -n "$at" ]; do
    owner=$(owner_of "$at")
    [ "$owner" = root ] || { echo "$at belongs to ${owner:-somebody}" && return; }
    at=${at%/*}
  done
}

# The settings of the system, not those of the person logged in.
show_config() {
  for words in 'config show' show-config; do
    # shellcheck disable=SC2086 # two words are two arguments
    nix_by "$conf_dir" --extra-experimental-features nix-command $words 2>/dev/null && return
  done
  nix_by "$conf_dir" show-config # Nix 2.3 knows no experimental features
}

# By NIX_USER_CONF_FILES; Nix 2.3 knows only folders.
nix_by() { # CONF_DIR WORDS…
  dir=$1
  shift
  NIX_CONF_DIR=$dir NIX_USER_CONF_FILES='' XDG_CONFIG_HOME=/nonexistent XDG_CONFIG_DIRS=/nonexistent "$bin_dir/nix" "$@"
}

setting() { # NAME: its value in the configuration that was shown
  printf '%s\n' "$config" | sed -n "s/^$1 = \{0,1\}//p" | head -n 1
}

nix_facts() {
  conf_dir=$(daemon_conf_dir)
  # A broken nix.conf stops even --version, so this one reads none. Not nix-store: that opens the store, and
  # makes what it misses there.
  fact nix_version "$(nix_by /nonexistent --version 2>/dev/null | head -n 1)"
  fact nix_bin_dir "$bin_dir"
  [ "$kind" = single-user ] || fact nix_not_roots "$(not_roots "$bin_dir")"
  fact nix_daemon_manager "$(daemon_manager)"
  fact nix_conf_dir "$conf_dir"
  fact store_owner "$(owner_of /nix)"
  fact nix_kind "$kind"
  socket=/nix/var/nix/daemon-socket/socket
  if [ -S "$socket" ] || ! [ -x "${socket%/*}" ]; then
    [ ! -d "${socket%/*}" ] || fact daemon_running yes
    fact socket_group "$(socket_group "$socket")"
  fi
  if config=$(show_config 2>&1) && [ -n "$config" ]; then
    fact system "$(setting system)"
    fact extra_platforms "$(setting extra-platforms)"
    fact system_features "$(setting system-features)"
    fact trusted_users "$(setting trusted-users)"
    fact allowed_users "$(setting allowed-users)"
  else
    fact conf_error "$config"
  fi
  # nix.custom.conf is read by a nix.conf that an installer generates and may write anew.
  if grep -qs '^!include nix.custom.conf' "$conf_dir/nix.conf"; then
    fact conf_file "$conf_dir/nix.custom.conf"
  else
    fact conf_file "$conf_dir/nix.conf"
  fi
  # A link into the store: a rebuild of the system owns this file.
  case $(readlink "$conf_dir/nix.conf" 2>/dev/null) in
  /nix/store/* | /etc/static/*) if [ "$kernel" = darwin ]; then fact declarative nix-darwin; else fact declarative nixos; fi ;;
  esac
}

# --- The next five are common.sh's too, word for word: what is found here, root looks for again.

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

# What lies on a file system where nothing can be run: scripts there would be refused.
noexec() {
  [ -r /proc/self/mounts ] || return 0
  found=''
  for dir in /var/lib "$HOME"; do
    options=$(awk -v dir="$dir/" '
      { point = $2; if (point != "/") point = point "/" }
      index(dir, point) == 1 && length(point) >= longest { longest = length(point); options = $4 }
      END { print options }' /proc/self/mounts)
    case ,$options, in *,noexec,*) found="$found $dir" ;; esac
  done
  fact noexec "$found"
}

# nologin(5) keeps everybody out but root, who sees it: pam_nologin reads both files, sshd without PAM the first.
nologin() {
  [ "$(id -u)" = 0 ] || return 0
  for file in /etc/nologin /run/nologin; do
    [ ! -e "$file" ] || grep -qs '^[^#]*pam_nologin' /etc/pam.d/sshd || continue
    [ ! -e "$file" ] || { fact nologin "$file: $(head -n 1 "$file")" && return; }
  done
}

# The rules by which pam_access(8) lets people in, where an account rule for sshd asks it for its usual file.
pam_access() {
  [ -r /etc/pam.d/sshd ] || return 0
  asks=$(for file in /etc/pam.d/sshd $(sed -n 's/^@include  *//p; s/^account  *include  *//p' /etc/pam.d/sshd |
    sed 's/^/\/etc\/pam.d\//'); do grep -hs '^account.*pam_access\.so' "$file"; done)
  case $asks in '' | *accessfile=* | *fieldsep=* | *listsep=*) return 0 ;; esac
  sed 's/#.*//; /^[[:space:]]*$/d' /etc/security/access.conf 2>/dev/null | head -n 100 |
    while read -r line; do fact pam_access "$line"; done
}

# The processes that this one came from, up to the SSH server: its number, or nothing. Only root's own counts.
ssh_server() {
  pid=$$
  server=''
  while [ "${pid:-0}" -gt 1 ] && [ -r "/proc/$pid/stat" ]; do
    case $(cat "/proc/$pid/comm") in
    sshd* | dropbear* | tailscaled | tinysshd) [ "$(owner_of "/proc/$pid")" != root ] || server=$pid ;;
    esac
    pid=$(sed 's/^.*) . \([0-9]*\) .*/\1/' "/proc/$pid/stat")
  done
  echo "$server"
}

# Its options that decide what it lets in, one word a line, from the title that it gives itself (sshd.c).
server_options() { # PID
  tr '\0' ' ' <"/proc/$1/cmdline" | sed -n 's/^\(sshd: \)\{0,1\}\/[^ ]*//; s/ \[listener\].*//; p' | tr ' ' '\n' |
    awk '/^-[fo]./ { print; taken = 0; next } /^-[fo]$/ { print; taken = 1; next } /^-/ { taken = 0 } taken { print; taken = 0 }'
}

# What sshd would say to each user that builds may come in as, from where this login came (sshd(8), -T and -C).
sshd_facts() { # USERS…
  connection=${ssh_connection:-${SSH_CONNECTION-}} # sudo keeps it to itself
  [ -n "$connection" ] || return 0
  address=${connection%% *}
  at=${connection#* * }
  host=$address
  server=$(ssh_server)
  if [ -n "$server" ]; then
    case $(cat "/proc/$server/comm") in
    sshd*) ;;
    *) fact sshd_is_another yes && fact sshd_address "$address" && return ;;
    esac
  fi
  sshd=$(command -v sshd) || { fact sshd_unread 'sshd was not found' && return; }
  # shellcheck disable=SC2046 # each word is one
  set -- "$(printf '%s\n' "$@" | sort -u | tr '\n' ' ')" $([ -z "$server" ] || server_options "$server")
  asked=$1
  shift
  make_host_key
  for user in $asked; do
    if ! said=$(ask_sshd "$user" "$@" 2>&1); then
      fact sshd_unread "$(printf '%s\n' "$said" | tail -n 1)"
      break
    fi
    if printf '%s\n' "$said" | grep -qixF 'usedns yes'; then
      found=$(getent hosts "$address" | awk 'NR == 1 { print tolower($2) }')
      host=${found:-$address}
      said=$(ask_sshd "$user" "$@" 2>/dev/null)
    fi
    printf '%s\n' "$said" | settings_of "$user" | while read -r line; do fact sshd "$line"; done
  done
  fact sshd_address "$address"
  fact sshd_host "$host"
  [ -z "$key_dir" ] || rm -rf "$key_dir"
}

# sshd tells nothing without a host key that it can read, and those are root's: one for the question alone.
make_host_key() {
  key_dir=''
  case $way in is-root | sudo-free) return 0 ;; esac
  key_dir=$(mktemp -d 2>/dev/null) || return 0
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$key_dir/key" </dev/null >/dev/null 2>&1 || true
}

# With options only as the login itself, or for a server that is sshd without doubt: its title can be made up, and a
# configuration file may name programs (Match exec).
ask_sshd() { # USER OPTIONS…
  rule="user=$1,host=$host,addr=$address,laddr=${at% *},lport=${at#* }"
  shift
  if [ "$way" = is-root ] && { [ $# = 0 ] || [ "$(readlink -f "/proc/$server/exe")" = "$(readlink -f "$sshd")" ]; }; then
    "$sshd" -T "$@" -C "$rule"
  elif [ "$way" = sudo-free ] && [ $# = 0 ]; then
    sudo -n -- "$sshd" -T -C "$rule"
  else
    "$sshd" -T "$@" ${key_dir:+-h "$key_dir/key"} -C "$rule"
  fi
}

# The settings that may refuse a key or what it runs, in whichever spelling, with their words in lines of fair length.
settings_of() { # USER
  awk -v user="$1" '
    function out(name) { print user " " name line[name]; line[name] = "" }
    BEGIN {
      split("allowgroups allowusers authenticationmethods authorizedkeysfile chrootdirectory denygroups denyusers " \
        "forcecommand maxsessions pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication " \
        "refuseconnection usepam allowtcpforwarding disableforwarding permitopen", names, " ")
      for (i in names) wanted[names[i]] = 1
    }
    { name = tolower($1) }
    name in wanted {
      for (i = 2; i <= NF; i++) {
        if (length(line[name]) + length($i) > 1500) out(name)
        line[name] = line[name] " " $i
      }
    }
    END { for (name in line) if (line[name] != "") out(name) }'
}

# Builds run as members of the build group, one user each.
running_builds() {
  ps -A -o user= 2>/dev/null | awk '/^_?nixbld/' | sort -u | wc -l | tr -d ' '
}

# What Millwright itself has left here, and who already bears the names it would give a user.
millwright() {
  for name in nixremote millwright; do
    home=$(awk -F : -v name="$name" '$1 == name { print $6 }' /etc/passwd)
    [ -z "$home" ] || fact account "$name $home"
  done
  for base in /var/lib/millwright "$HOME/.local/share/millwright"; do
    [ -r "$base/state" ] || continue
    fact scripts "$base $(sed -n 's/^scripts //p' "$base/state")"
  done
  for keys in /var/lib/millwright/home/.ssh/authorized_keys "$HOME/.ssh/authorized_keys"; do
    [ -r "$keys" ] || continue
    # The builder stands before the tag, but in lines of earlier versions.
    grep -E ' millwright:[0-9a-f]{8}:[a-z]+$' "$keys" |
      awk '$(NF - 1) ~ /^millwright-/ { print $(NF - 2), $NF, substr($(NF - 1), 12); next } { print $(NF - 1), $NF }' |
      while read -r line; do fact key "$line"; done
  done
  if [ -r /var/lib/millwright/nix.conf ]; then
    while read -r line; do fact fragment "$line"; done </var/lib/millwright/nix.conf
  fi
}

inspect() {
  printf 'mw-%s begin\n' "$nonce"
  case $only in
  identity) host_keys ;;
  sshd)
    way=user
    [ "$(id -u)" != 0 ] || way=is-root
    # shellcheck disable=SC2086 # each word a user
    sshd_facts $users
    fact home "$HOME"
    fact groups "$(id -Gn)"
    ;;
  *) speed ;;
  esac
  case $only in '' | identity) identity ;; esac
  if [ "$only" = '' ]; then
    system
    way=$(root_way)
    fact root "$way"
    kind=multi-user
    if [ -d /nix ] && [ "$(owner_of /nix)" != root ]; then kind=single-user; fi
    kvm
    if find_nix; then nix_facts; fi
    for dir in /nix/store /nix /; do
      [ ! -d "$dir" ] || { fact store_free_bytes "$(df -Pk "$dir" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')" && break; }
    done
    fact running_builds "$(running_builds)"
    noexec
    nologin
    pam_access
    sshd_facts nixremote millwright "$(id -un)" "$(owner_of /nix 2>/dev/null)"
    millwright
  fi
  printf 'mw-%s end\n' "$nonce"
}

# In one call at the end: a script cut short on its way runs not at all.
inspect </dev/null
