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
