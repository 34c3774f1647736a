# What builds here now.

# Builds run as members of the build group, one user each.
running_builds() {
  # busybox shows all without -A, and has no such option.
  { ps -A -o user= 2>/dev/null || ps -o user= 2>/dev/null; } | awk '/^_?nixbld/' | sort -u | wc -l | tr -d ' '
}

is_busy() { [ "$(running_builds)" != 0 ]; }
