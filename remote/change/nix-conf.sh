# The settings of whatever builds: the daemon's, or in a store of one person's that person's own, which each connection
# reads anew.
if [ "$mode" = own ]; then conf_file=$HOME/.config/nix/nix.conf; fi

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

# In a person's own configuration nothing is changed that something else writes anew.
check_own_conf() {
  case $(real "$conf_file") in /nix/store/* | /etc/static/*) fail conf-declared "$conf_file" ;; esac
}

# A program of Nix as whoever owns the store has set it up, where it is to be had (enter.sh).
nix_of_owner() { # PROGRAM WORDS…
  program=$nix_bin/$1
  shift
  if [ -n "${way_in-}" ]; then (enter "$program" "$@"); else "$program" "$@"; fi
}

# Nix as the system has set it up, not as some person has; but as they have where the store is theirs.
nix_by_root() {
  if [ "$mode" = own ]; then
    nix_of_owner nix "$@"
    return
  fi
  NIX_CONF_DIR=$(daemon_conf_dir) NIX_USER_CONF_FILES='' XDG_CONFIG_HOME=/nonexistent XDG_CONFIG_DIRS=/nonexistent \
    "$nix_bin/nix" "$@"
}

# A line that Nix is to read from now on. What another installation needed stays.
add_setting() { # LINE
  conf=$(real "$conf_file")
  if grep -qsxF "$1" "$fragment" && grep -qsxF "$include" "$conf"; then return 0; fi
  expect_restart
  grep -qsxF "$1" "$fragment" || edit "$fragment" with_line "$fragment" "$1"
  if ! grep -qsxF "$include" "$conf"; then
    make_conf_folder
    [ -e "$conf" ] || remember "made $conf"
    edit "$conf" with_line "$conf" "$include"
  fi
  # Whatever Nix thinks of the line, it must never keep Nix from starting.
  if ! said=$(nix_by_root --version 2>&1); then
    drop_settings "^$1\$"
    fail nix-conf "$said"
  fi
}

make_conf_folder() {
  for dir in "$HOME/.config" "$HOME/.config/nix"; do
    if [ "$mode" = own ] && [ ! -d "$dir" ]; then
      remember "made $dir"
      mkdir "$dir" 2>/dev/null || fail_writing "$dir"
    fi
  done
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
    why=''
    [ "$mode" = own ] || why=$(why_not_trusted "$conf")
    if [ -z "$why" ]; then
      edit "$conf" without "$conf" "^!include $fragment\$"
    else
      say "left a line in $conf: $why" # Nix takes no notice of it: what it names goes.
    fi
  fi
  remove_made "$conf"
  forget "made $conf"
  if [ "$mode" = own ]; then
    for dir in "$HOME/.config/nix" "$HOME/.config"; do
      remove_made "$dir"
      forget "made $dir"
    done
  fi
  rm -f "$fragment"
}

# For whoever finds the daemon down later: only one that ran is to be started again.
expect_restart() {
  [ "$mode" = dedicated ] || return 0
  [ ! -e "$pending" ] || return 0
  ran=down
  if daemon_runs; then ran=ran; fi
  edit "$pending" echo "$ran"
}
