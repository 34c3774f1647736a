# Files are changed at one stroke, and so that what was there before can come back to the byte.

free_kib() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# Says why no file can be made beside it, which is asked once more: a disk is full too where it has room for bytes alone.
fail_writing() { # FILE
  if [ "$(free_kib "$(dirname "$1")")" -lt 64 ]; then fail disk-full "$1"; fi
  why=$({ : >"$1.millwright-new"; } 2>&1)
  rm -f "$1.millwright-new" 2>/dev/null
  case $why in *'No space left on device'*) fail disk-full "$1" ;; esac
  fail write-failed "$1${why:+: ${why##*: }}"
}

# What a command prints becomes the content of a file, at one stroke and only if the command succeeds. A file
# that exists keeps its owner and mode.
edit() { # FILE COMMAND…
  file=$1
  shift
  {
    if [ -e "$file" ]; then cp -p "$file" "$file.millwright-new"; else : >"$file.millwright-new"; fi &&
      "$@" >"$file.millwright-new" && mv -f "$file.millwright-new" "$file"
  } 2>/dev/null || {
    rm -f "$file.millwright-new"
    fail_writing "$file"
  }
}

lacks_final_newline() { [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; }

# A text with a last line added, so that `without` gives back every byte: a missing newline stays missing.
with_line() { # FILE LINE
  if [ ! -e "$1" ]; then
    printf '%s\n' "$2"
  elif lacks_final_newline "$1"; then
    cat "$1" && printf '\n%s' "$2"
  else
    cat "$1" && printf '%s\n' "$2"
  fi
}

without() { # FILE PATTERN
  end='\n'
  if lacks_final_newline "$1"; then end=''; fi
  awk -v pattern="$2" -v end="$end" \
    '$0 !~ pattern { printf "%s%s", before, $0; before = "\n"; kept = 1 } END { if (kept) printf end }' "$1"
}

# The file itself where a name is a link, so that replacing it does not cut the link.
real() { if [ -L "$1" ]; then readlink -f "$1"; else printf '%s\n' "$1"; fi; }
