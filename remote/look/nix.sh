# The settings of the system, not those of the person logged in; but theirs where Nix is theirs alone.
show_config() {
  if [ "$only" = nix ]; then
    NIX_CONF_DIR=$conf_dir "$bin_dir/nix" --extra-experimental-features nix-command show-config
    return
  fi
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
  if [ "$only" = nix ]; then conf_dir=${conf_dir_inside:-$conf_dir}; fi
  # A broken nix.conf stops even --version, so this one reads none. Not nix-store: that opens the store, and
  # makes what it misses there.
  version=$(nix_by /nonexistent --version 2>/dev/null | head -n 1)
  fact nix_version "$version"
  [ -n "$version" ] || fact nix_version_error "$(nix_by /nonexistent --version 2>&1 | tail -n 1)"
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
