# What was made outside of our own folder is noted, to be taken back.

remember() { # LINE
  if [ -e "$state" ] && grep -qxF "$1" "$state"; then return 0; fi
  edit "$state" with_line "$state" "$1"
}

forget() { # LINE
  if grep -qsxF "$1" "$state"; then edit "$state" without "$state" "^$1\$"; fi
}

# Removes an empty file or folder if it was Millwright that made it.
remove_made() { # PATH
  grep -qsxF "made $1" "$state" || return 0
  if [ -d "$1" ]; then
    rmdir "$1" 2>/dev/null || true # somebody else has put something into it
  elif [ -e "$1" ] && [ ! -s "$1" ]; then
    rm -f "$1"
  fi
}
