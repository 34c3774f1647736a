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
        "refuseconnection strictmodes usepam allowtcpforwarding disableforwarding permitopen", names, " ")
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
