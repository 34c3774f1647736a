# The same work on every machine: one text packed by gzip, over and over for a set time. Starting programs is
# part of it, as it is part of building.
count_rounds() { # SECONDS
  {
    text=$(awk 'BEGIN { for (i = 0; i < 20000; i++) print i * 7919 % 65521 }')
    while :; do
      printf '%s' "$text" | gzip -9 -c | wc -c >/dev/null
      echo round
    done &
    worker=$!
    sleep "$1"
    kill "$worker"
    wait "$worker"
  } 2>/dev/null | grep -c round
}

# On a busy machine not one round may end in a quarter of a second, nor in one: it is slow then, not unknown.
speed() {
  rounds=0
  ! sleep 0.01 2>/dev/null || rounds=$(($(count_rounds 0.25) * 4)) # a sleep may know no fractions
  [ "$rounds" -gt 0 ] || rounds=$(count_rounds 1)
  [ "$rounds" -gt 0 ] || rounds=1
  fact speed_rounds_per_second "$rounds"
}
