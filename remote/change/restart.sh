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
  s6) apart s6-svc -wR -r /run/service/nix-daemon || return 1 ;;
  dinit) apart dinitctl restart nix-daemon || return 1 ;;
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
