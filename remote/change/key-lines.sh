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

# Installation and role come last and in one word: versions that name no builder know the lines by that.
key_line() { # SCRIPT KEY ROLE
  [ -z "$2" ] || printf 'restrict,command="%s/bin/%s" %s millwright-%s millwright:%s:%s\n' \
    "$base" "$1" "$2" "$builder" "$install" "$3"
}

# Writes this builder's key lines, in place of its own that are there, or beside them; at one stroke.
let_in() { # only|beside BUILD_KEY MONITOR_KEY COLLECT_KEY
  build_line=$(key_line millwright-serve "$2" build)
  monitor_line=$(key_line millwright-probe "$3" monitor)
  collect_line=$(key_line millwright-collect "$4" collect)
  draft=$base/keys
  if [ ! -e "$keys" ]; then
    edit "$draft" true
  elif [ "$1" = only ]; then
    edit "$draft" without "$keys" "$(own_lines)"
  else
    edit "$draft" cat "$keys"
  fi
  for line in "$build_line" "$monitor_line" "$collect_line"; do
    [ -z "$line" ] || grep -qxF -e "$line" "$draft" || edit "$draft" with_line "$draft" "$line"
  done
  # The same lines in another order are as good: another builder's may have come since.
  if [ ! -e "$keys" ] || [ "$(sort "$draft")" != "$(sort "$keys")" ]; then edit "$keys" cat "$draft"; fi
  rm -f "$draft"
  # Where SELinux is on, sshd may read keys only in files with this label.
  if [ "$mode" = dedicated ] && command -v selinuxenabled >/dev/null && selinuxenabled; then
    chcon -R -t ssh_home_t "$home/.ssh"
  fi
}
