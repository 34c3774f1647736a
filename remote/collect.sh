# millwright-collect: frees space in this machine's Nix store, and nothing else can be had with its key.
#
#   millwright-collect count   how much nothing here needs; changes nothing
#   millwright-collect free    deletes that, as `nix-store --gc` does
#
# Each prints once a second how far it is, and at last the same line with "done":
#
#   millwright-collect 1 paths=N bytes=B
#
# The number is the format's version. What any root holds, a profile, an earlier generation or a running build, is
# kept: no option changes that here. After an error Nix's last words are on stderr. When nobody listens any more,
# Nix is told to stop; what it had deleted by then is gone, and the rest is whole.
# Parameter, set above this line: nix_bin, the folder of Nix's programs.

set -f
newline='
'
LC_ALL=C PATH=/usr/bin:/bin
export LC_ALL PATH
if [ -z "${way_in-}" ]; then NIX_CONF_DIR=''; fi # enter.sh
nix_store="env -i ${NIX_CONF_DIR:+NIX_CONF_DIR=$NIX_CONF_DIR} HOME=$HOME USER=$(id -un) PATH=$nix_bin:/usr/bin:/bin $nix_bin/nix-store"

free_kib() { df -Pk /nix/store 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# Asks for sizes by the hundreds. A path that went meanwhile, or never became valid, fails its whole batch: then
# each is asked for alone.
# shellcheck disable=SC2016
size_batch='store=$1; shift
[ $# -gt 0 ] || exit 0
sizes=$($store -q --size "$@" 2>/dev/null) ||
  sizes=$(for path; do $store -q --size "$path" 2>/dev/null; done)
printf "%s\n" "$sizes" | awk -v paths=$# "{ bytes += \$1 } END { printf \"sized %d %.0f\\n\", paths, bytes }"'

count() {
  dead=$($nix_store --gc --print-dead 2>&1) || {
    status=$?
    printf '%s\n' "$dead" | tail -n 10
    return "$status"
  }
  printf '%s\n' "$dead" | grep '^/' | xargs -n 500 sh -c "$size_batch" sh "$nix_store"
}

# Ends a job that nobody hears any more. Not by the signal: Nix, as a login, is deaf to it.
beat() { # JOB
  trap '' PIPE
  trap 'kill "$nap"; exit' TERM # nothing of ours is left behind, not even for a second
  while :; do
    sleep 1 >/dev/null 2>&1 &
    nap=$!
    wait "$nap"
    echo beat 2>/dev/null || break
  done
  kill "$1"
}

# What Nix says, a beat once a second, and in the end its exit status.
work() {
  if [ "$act" = count ]; then count & else $nix_store --gc 2>&1 & fi
  job=$!
  beat "$job" &
  beat=$!
  status=0
  wait "$job" || status=$?
  kill "$beat" 2>/dev/null
  echo "ended $status"
}

tell() { # [done]
  if [ "$act" = free ] && [ -z "$freed" ]; then
    free_now=$(free_kib)
    # Before the first path goes, Nix makes itself room from a reserve that it fills again at the end.
    [ "$paths" -gt 0 ] || free_before=$free_now
    bytes=$(((free_now - free_before) * 1024))
    [ "$bytes" -ge 0 ] || bytes=0 # something else fills the disk meanwhile
  fi
  echo "millwright-collect 1 paths=$paths bytes=${freed:-$bytes}$1"
}

follow() {
  paths=0 bytes=0 freed='' said='' free_before=$(free_kib)
  while read -r line; do
    case $line in
    beat) tell '' ;;
    "deleting '"*) paths=$((paths + 1)) ;;
    'sized '*)
      # shellcheck disable=SC2086
      set -- $line
      paths=$((paths + $2)) bytes=$((bytes + $3))
      ;;
    *' store path'*' deleted, '*' freed')
      paths=${line%% *}
      freed=$(echo "$line" | awk '{ printf "%.0f", $(NF - 2) * 1024 ^ (index("KMGT", substr($(NF - 1), 1, 1))) }')
      ;;
    'ended 0')
      tell ' done'
      return 0
      ;;
    'ended '*)
      printf '%s' "$said" >&2
      return 1
      ;;
    *)
      said=$said$line$newline
      while [ "${#said}" -gt 2000 ]; do said=${said#*"$newline"}; done
      ;;
    esac
  done
}

case ${SSH_ORIGINAL_COMMAND-} in
'millwright-collect count') act=count ;;
'millwright-collect free') act=free ;;
*)
  echo 'millwright-collect: this key frees space in the Nix store and does nothing else.' >&2
  exit 1
  ;;
esac
work </dev/null | follow
