# Ends signing, unless another builder of Millwright's wants it too. The daemon is yet to be restarted.
stop_signing() {
  forget "substituter $install $builder"
  if [ "$untagged" = yes ]; then forget "substituter $install"; fi
  if ! grep -qs '^substituter ' "$state"; then drop_settings " $signing\$"; fi
}

# In a store of one person's it is the conversations with Nix that may still build.
is_signing() {
  if [ "$mode" = dedicated ]; then is_busy; else has_conversation; fi
}

has_conversation() {
  for process in /proc/[0-9]*; do
    [ -r "$process/environ" ] || continue # somebody else's
    words=$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) || continue
    case $words in *nix-daemon\ --stdio* | *nix-store\ --serve*) return 0 ;; esac
  done
  return 1
}

# After that. A build that began before the restart still reads the key when it ends, and would fail without.
delete_signing_key() {
  [ -z "${keeps_key-}" ] || return 0
  if [ -e "$signing" ]; then
    waited=0
    while is_signing; do
      [ "$waited" -lt 60 ] || fail builds-running "$signing is still needed"
      sleep 1
      waited=$((waited + 1))
    done
  fi
  rm -f "$signing" "$signing.pub" "$signing.new" "$signing.pub.new" "$base/unsigned."*
}
