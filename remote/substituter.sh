# Lets this machine, which provision.sh has made a builder, vouch for what is built here by a key of its own, so
# that other computers may copy it instead of building it again; or takes that back. The private half is made
# here, is root's alone (in a store of one person's, that person's) and never leaves. It may run again at any time, also after it was cut short: what is as
# wanted already is left alone. Signatures that were given stay in Nix's database, where nobody trusts them any
# more once the key is gone.
#
# More parameters:
#   act      "offer": make the key and let the Nix daemon sign what it builds; "sign": sign what was there before;
#            "withdraw": take both back
#   restart  "when-idle": end with builds-running rather than restart the Nix daemon under builds; "always"

#include shared/environment.sh
#include shared/accounts.sh
#include shared/nix-daemon.sh
#include shared/builds.sh
#include shared/enter.sh
#include change/start.sh
#include change/key-lines.sh
#include change/edit.sh
#include change/state.sh
#include change/trusted-path.sh
#include change/nix-conf.sh
#include change/lock.sh
#include change/restart.sh
#include change/signing-key.sh

is_old_nix() { # Nix 2.3 has other words, and no extra- for a list
  case $(nix_by_root --version) in
  *' 2.3' | *' 2.3.'*) ;;
  *) return 1 ;;
  esac
}

nix_command() {
  if is_old_nix; then nix_by_root "$@"; else nix_by_root --extra-experimental-features nix-command "$@"; fi
}

may_restart() {
  if [ "$restart" = when-idle ] && is_busy; then fail builds-running 'the Nix daemon has to be restarted'; fi
}

make_key() {
  [ ! -s "$signing.pub" ] || return 0 # the public half comes last: with it the pair is whole
  # The name tells this key from that of any other machine called the same.
  host=$(uname -n | cut -c 1-60 | tr -c 'A-Za-z0-9.\n' '-')
  digits=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
  rm -f "$signing" "$signing.new" "$signing.pub.new"
  said=$(umask 077 && make_pair --generate-binary-cache-key "millwright-$host-$digits-1" \
    "$signing.new" "$signing.pub.new" 2>&1) || fail key-failed "$said"
  chmod 0644 "$signing.pub.new"
  if ! mv -f "$signing.new" "$signing" || ! mv -f "$signing.pub.new" "$signing.pub"; then fail_writing "$signing"; fi
}

make_pair() { if [ "$mode" = own ]; then nix_of_owner nix-store "$@"; else "$nix_bin/nix-store" "$@"; fi; }

setting_line() {
  if is_old_nix; then
    echo "secret-key-files = $(nix_by_root show-config | sed -n 's/^secret-key-files = //p') $signing" | tr -s ' '
  else
    echo "extra-secret-key-files = $signing"
  fi
}

offer() {
  step key start
  if [ "$mode" = dedicated ] && { ! grep -qs " $signing\$" "$fragment" || [ -e "$pending" ]; }; then
    [ "$(daemon_manager)" != none ] || fail daemon-restart 'no service manager here runs the Nix daemon'
    may_restart
  fi
  remember "substituter $install $builder"
  if [ "$untagged" = yes ]; then forget "substituter $install"; fi # as earlier versions named it
  make_key
  if ! grep -qs " $signing\$" "$fragment"; then add_setting "$(setting_line)"; fi
  restart_daemon
  step key 'done'
  say "public-key $(cat "$signing.pub")"
}

# Paths that need a signature and have none by this key; last line: how many need one. A path that is its own
# proof (ca:) needs none.
list_unsigned() {
  nix_command path-info --all --sigs | awk -v "key=$(cut -d : -f 1 "$signing.pub"):" '
    $1 ~ /\.drv$/ || / ca:/ { next }
    { all++; for (i = 2; i <= NF; i++) if (index($i, key) == 1) next; print $1 }
    END { print all + 0 }'
}

sign_paths() { # PATH…
  if is_old_nix; then nix_by_root sign-paths -k "$signing" "$@"; else nix_command store sign -k "$signing" "$@"; fi
}

# In batches, so that it can be cut at any time and goes on from there.
sign_rest() { # fails with its reason in $said
  list_unsigned >"$list" 2>"$list.error" || {
    said=$(cat "$list.error")
    return 1
  }
  total=$(tail -n 1 "$list")
  missing=$(($(wc -l <"$list") - 1))
  batch=$((missing / 100 + 1))
  [ "$batch" -ge 20 ] || batch=20
  [ "$batch" -le 500 ] || batch=500
  said=''
  first=1
  while :; do
    signed=$((total - missing + first - 1))
    [ "$signed" -le "$total" ] || signed=$total
    say "progress $signed $total"
    [ "$first" -le "$missing" ] || return 0
    last=$((first + batch - 1))
    [ "$last" -le "$missing" ] || last=$missing
    # shellcheck disable=SC2046 # one argument for each path; the names of a store need no quotes
    said=$(sign_paths $(sed -n "$first,${last}p" "$list") 2>&1) || return 1
    first=$((first + batch))
  done
}

# Again when a path was deleted meanwhile.
sign() {
  step sign start
  [ -s "$signing.pub" ] || fail no-key "$signing"
  list=$base/unsigned.$$
  trap 'trap "" HUP INT TERM PIPE; rm -f "$list" "$list.error"' EXIT # see lock
  # PIPE: when nobody listens any more, a shell would end without its EXIT trap.
  trap 'trap "" HUP INT TERM PIPE; exit 1' HUP INT TERM PIPE
  sign_rest || sign_rest || sign_rest || fail sign-failed "$said"
  step sign 'done'
}

withdraw() {
  step key start
  if [ "$mode" = dedicated ] && { grep -qs " $signing\$" "$fragment" || [ -e "$pending" ]; }; then may_restart; fi
  stop_signing
  restart_daemon_if_possible
  grep -qs '^substituter ' "$state" || delete_signing_key
  step key 'done'
}

substituter() {
  [ "$mode" = own ] || [ "$(id -u)" = 0 ] || fail not-root "$(id -un)"
  if [ "$act" != withdraw ]; then
    if [ "$mode" = dedicated ] || [ "$run_as" = owner ]; then check_nix; fi
    if [ "$mode" = dedicated ]; then check_conf; else check_own_conf; fi
  fi
  if [ "$act" != sign ] && [ -d "$base" ]; then lock; fi
  case $act in
  offer)
    [ -d "$base" ] || fail not-provisioned "$base"
    offer
    ;;
  sign) sign ;;
  withdraw) [ ! -d "$base" ] || withdraw ;;
  esac
  say 'done'
}

# In one call at the end: a script cut short on its way runs not at all.
substituter </dev/null
