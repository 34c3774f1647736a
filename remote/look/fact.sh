fact() { # NAME VALUE: one line, whatever the value holds
  case $2 in
  *"
"*) printf 'mw-%s fact %s %s\n' "$nonce" "$1" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
  *) printf 'mw-%s fact %s %s\n' "$nonce" "$1" "$2" ;;
  esac
}
