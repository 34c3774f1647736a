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
