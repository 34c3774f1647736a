#!/bin/sh
# Whether a builder answered of late. ssh(1) asks before each login of root's, as `Match … exec` in ssh_config says:
#   millwright-answers ask ID HOST PORT [ALIAS BEYOND-HOST BEYOND-PORT]
#                                         status 0: it did not answer just now, so a login would only wait. Where
#                                         another machine is in between, that is HOST, which ssh knows by ALIAS;
#                                         the builder is beyond it
#   millwright-answers say ID [HOST]      says so on stderr, and fails: the ProxyCommand instead of a login
# Whatever goes wrong here, the login is tried as if nobody had asked.
umask 022
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin
export PATH

dead_s=30  # how long a builder that did not answer is left alone
alive_s=10 # how long one that answered is taken to be there
stuck_s=6  # who asks is done by then, or was killed

verb=$1 id=$2 host=${3-} port=${4-} alias=${5-} target=[${6-}]:${7-}
[ -z "$alias" ] || stuck_s=11
here=${0%/*}
run=/run
[ -d "$run" ] || run=/var/run
stamps=$run/millwright/answers
stamp=$stamps/$id
asking=$stamps/.$id.asking

# Seconds that no change of the clock moves; where the system does not tell, those of the clock.
look_at_clock() {
  { read -r now _ </proc/uptime; } 2>/dev/null || now=$(date +%s)
  now=${now%%.*}
}

is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

# Seconds since a moment, in `age`; fails for what is no moment, or still to come.
age_of() {
  is_number "$1" && age=$((now - $1)) && [ "$age" -ge 0 ]
}

# What the stamp says, in `is`: dead, alive, or nothing that still holds; and of one that is dead, in `where`, whether
# it is beyond a machine that answers.
read_stamp() {
  is='' at='' where=''
  { read -r is at where <"$stamp"; } 2>/dev/null
  age_of "$at" || is=''
  case $is in
  dead) [ "$age" -lt "$dead_s" ] || is='' ;;
  alive) [ "$age" -lt "$alive_s" ] || is='' ;;
  *) is='' ;;
  esac
}

# Only root's own folder counts; for anybody else there is none.
has_folder() {
  [ -d "$stamps" ] || mkdir -p "$stamps" 2>/dev/null
  [ -O "$stamps" ] && [ ! -L "$stamps" ] && [ -w "$stamps" ]
}

# Fails where somebody else asks already, or nothing can be written.
begin_asking() {
  (set -C && echo "$now" >"$asking") 2>/dev/null
}

# Who was killed while asking holds nobody up.
forget_stuck() {
  since=''
  { read -r since <"$asking"; } 2>/dev/null
  [ -z "$since" ] || { age_of "$since" && [ "$age" -lt "$stuck_s" ]; } || rm -f "$asking"
}

# Any answer counts, a refusal too: what is wrong then, ssh finds at once and says better. Silence is no connection
# within 2 s, or no word within 4 s. All addresses are asked at the same time.
ask_port() {
  "$here/node" -e '
    const [host, port] = process.argv.slice(1)
    const silent = ["EHOSTUNREACH", "EHOSTDOWN", "ETIMEDOUT"]
    const end = (code) => process.exit(code)
    const late = () => end(2)
    const connecting = setTimeout(late, 2000)
    setTimeout(late, 4000)
    require("node:dns").lookup(host, { all: true }, (error, found = []) => {
      let open = found.length
      if (error) end(0)
      for (const { address } of found) {
        const socket = require("node:net").connect({ host: address, port: Number(port) })
        socket.on("connect", () => clearTimeout(connecting))
        socket.on("data", () => end(0))
        socket.on("end", () => end(0))
        socket.on("error", ({ code }) => {
          if (code === "ECONNREFUSED" || code === "ECONNRESET") end(0)
          if (--open === 0) end(silent.includes(code) ? 2 : 0)
        })
      }
    })' "$host" "$port" </dev/null >/dev/null 2>&1
}

# The same of what is beyond a machine in between: its own login, as ssh would make it, and then two seconds for a word.
# A login that takes long is nobody's silence, and is left to ssh.
ask_beyond() {
  MILLWRIGHT_GUARD=off "$here/node" -e '
    const [alias, target] = process.argv.slice(1)
    const options = ["-oBatchMode=yes", "-oLogLevel=VERBOSE", "-W", target, alias]
    const ssh = require("node:child_process").spawn("ssh", options, { stdio: ["pipe", "pipe", "pipe"] })
    const end = (code) => {
      ssh.kill()
      process.exit(code)
    }
    let said = ""
    const login = setTimeout(end, 4000, 0)
    ssh.on("error", () => end(0))
    ssh.stdout.on("data", () => end(0))
    ssh.stderr.on("data", (text) => {
      said += text
      if (!/^Authenticated to /m.test(said) || login.beyond) return
      login.beyond = true
      clearTimeout(login)
      setTimeout(end, 2000, 2)
    })
    ssh.on("close", () => end(/open failed: connect failed: (No route to host|Connection timed out)/.test(said) ? 2 : 0))
  ' "$alias" "$target" </dev/null >/dev/null 2>&1
}

ask_and_note() {
  trap 'rm -f "$asking"' EXIT
  trap 'exit 1' HUP INT TERM
  where=''
  ask_port
  answer=$?
  if [ "$answer" = 0 ] && [ -n "$alias" ]; then
    where=' beyond'
    ask_beyond
    answer=$?
  fi
  case $answer in
  0) is=alive where='' ;;
  2) is=dead ;;
  *) return ;; # killed, or no Node: nobody knows
  esac
  look_at_clock
  { echo "$is $now$where" >"$stamp"; } 2>/dev/null || is=''
}

# Of many logins at once one asks, and the others take its word. A file that stays empty is nobody's: the disk is full.
wait_for_stamp() {
  [ -s "$asking" ] || sleep 0.1 2>/dev/null || sleep 1
  [ -s "$asking" ] || rm -f "$asking"
  rounds=0
  while [ -e "$asking" ] && [ "$rounds" -lt $((stuck_s * 10)) ]; do
    sleep 0.1 2>/dev/null || sleep 1
    rounds=$((rounds + 1))
  done
  look_at_clock
  read_stamp
}

ask() {
  [ "${MILLWRIGHT_GUARD-}" != off ] || return 1
  look_at_clock
  read_stamp
  if [ -z "$is" ]; then
    has_folder || return 1
    forget_stuck
    if begin_asking; then ask_and_note; else wait_for_stamp; fi
  fi
  [ "$is" = dead ]
}

say() {
  look_at_clock
  read_stamp
  [ "$is" = dead ] || age=0
  [ "$where" != beyond ] || host=''
  echo "Millwright did not try $id: ${host:-it} did not answer $age s ago." >&2
  exit 1
}

case $verb in
ask) ask ;;
say) say ;;
*) exit 1 ;;
esac
