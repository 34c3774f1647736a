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
