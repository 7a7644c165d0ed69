#!/bin/sh
# Tries every line of a plan, and prints TAP: ok, not ok, or a skip for what cannot be judged.
# Ends with 1 where something is not as it should be, else with 3 where something was not judged.
#
# A line of the plan is WANT|HOW|HOST|PORT|PROXY|ABOUT: allow or deny; tls, http or tcp; the proxy
# is - for a direct connection. A line that begins with "left|" gives what is not tried, and why.
# PROBE_NAMES is "refused" where the resolver refuses names that no rule lists, PROBE_SNI is "yes"
# where TLS connections to other server names are reset, and PROBE_CANARIES is "up" where a pod
# without policies has just reached all that must not be reached here.
set -u

plan=${1:-/probe/plan}
timeout=${PROBE_TIMEOUT:-5}
pause=${PROBE_PAUSE:-5}
deadline=$(($(date +%s) + ${PROBE_DEADLINE:-60}))

lookup() { # HOST: what the resolver has for a name that curl did not resolve
  case $1 in
  *[!0-9.]*) ;;
  *) echo no-answer && return ;;
  esac
  if command -v dig >/dev/null 2>&1; then
    found=$(dig +tries=1 +time="$timeout" "$1." 2>&1)
  elif command -v nslookup >/dev/null 2>&1; then
    found=$(nslookup "$1." 2>&1)
  else
    echo name-unresolved && return
  fi
  case $found in
  *REFUSED*) echo name-refused ;;
  *NXDOMAIN*) echo name-unknown ;;
  *SERVFAIL*) echo name-failed ;;
  *"timed out"* | *"no servers could be reached"*) echo resolver-silent ;;
  *) echo name-unresolved ;;
  esac
}

url() { # HOW HOST PORT
  case $2 in
  *:*) host="[$2]" ;;
  *) host=$2 ;;
  esac
  case $1 in
  tls) echo "https://$host:$3/" ;;
  http) echo "http://$host:$3/" ;;
  *) echo "telnet://$host:$3" ;;
  esac
}

client() { # METRIC ARGUMENT...: what curl measured; its exit code is that of curl
  metric=$1
  shift
  curl -q -s -k -g -o /dev/null --connect-timeout "$timeout" --max-time "$timeout" -w "%{$metric}" \
    "$@" </dev/null 2>/dev/null
}

observe() { # HOW HOST PORT PROXY: one word for what a client sees
  if ! command -v curl >/dev/null 2>&1; then
    echo no-client
  elif [ "$4" != - ]; then
    through "$(client http_connect --noproxy '' --proxytunnel --proxy "$4" "$(url "$1" "$2" "$3")")"
  else
    seen=$(client time_connect --noproxy '*' "$(url tcp "$2" "$3")")
    connection "$1" "$2" "$3" $? "$seen"
  fi
}

through() { # STATUS: what a proxy answers to CONNECT
  case $1 in
  2*) echo reached ;;
  403 | 404 | 407) echo "proxy-refused-$1" ;;
  000 | "") echo proxy-silent ;;
  *) echo "proxy-failed-$1" ;;
  esac
}

connection() { # HOW HOST PORT EXIT SECONDS: what a connection by TCP came to
  case $4:$5 in
  *:*[1-9]*) spoken "$1" "$2" "$3" ;;
  6:*) lookup "$2" ;;
  7:*) echo refused ;;
  28:*) unanswered "$2" ;;
  *) echo "failed-$4" ;;
  esac
}

unanswered() { # HOST: no connection came about; where its name is still open, that is why
  case $1 in
  *:*) echo no-answer ;;
  *[!0-9.]*)
    found=$(lookup "$1")
    case $found in
    name-unresolved) echo no-answer ;;
    *) echo "$found" ;;
    esac
    ;;
  *) echo no-answer ;;
  esac
}

spoken() { # HOW HOST PORT: a connection came about; whether it lasts until there is an answer
  case $1 in
  tls) answered=$(client time_appconnect --noproxy '*' "$(url tls "$2" "$3")") ;;
  http) answered=$(client http_code --noproxy '*' "$(url http "$2" "$3")") ;;
  *) answered=1 ;;
  esac
  case $answered in
  *[1-9]*) echo reached ;;
  *) echo cut ;;
  esac
}

verdict() { # HOW OBSERVED PORT: allowed, blocked, or a sentence that tells why it is neither
  case $2 in
  reached) echo allowed ;;
  proxy-refused-*) echo blocked ;;
  name-refused) if [ "${PROBE_NAMES:-}" = refused ]; then echo blocked; else echo "the resolver refuses the name, and no policy does that here"; fi ;;
  cut) if [ "$1" = tls ] && [ "${PROBE_SNI:-}" = yes ] && [ "$3" = 443 ]; then echo blocked; else echo allowed; fi ;;
  no-answer) echo silent ;;
  refused) echo "the connection was refused: by a host without such a server, or on the way" ;;
  name-unknown) echo "the name does not exist" ;;
  name-failed | name-unresolved) echo "the name was not resolved" ;;
  resolver-silent) echo "the resolver does not answer" ;;
  proxy-silent) echo "the proxy does not answer" ;;
  proxy-failed-*) echo "the proxy could not connect (${2#proxy-failed-})" ;;
  no-client) echo "there is no curl in the image that works" ;;
  *) echo "curl ended with ${2#failed-}" ;;
  esac
}

denial() { # OBSERVED: how it is blocked
  case $1 in
  name-refused) echo "the resolver refuses the name" ;;
  cut) echo "the connection ends at the TLS server name" ;;
  proxy-refused-*) echo "the proxy refuses it with ${1#proxy-refused-}" ;;
  esac
}

settled() { # WANT VERDICT: whether another try can change nothing for the better
  case $1:$2 in
  allow:allowed | deny:blocked | deny:silent) true ;;
  *) false ;;
  esac
}

try() { # WANT HOW HOST PORT PROXY: sets $word and $judged; policies may take until the deadline
  while :; do
    word=$(observe "$2" "$3" "$4" "$5")
    judged=$(verdict "$2" "$word" "$4")
    if settled "$1" "$judged" || [ "$(date +%s)" -ge "$deadline" ]; then return; fi
    sleep "$pause"
  done
}

number=0 failed=0 open=0 controlled=no
line() { # RESULT TEXT
  number=$((number + 1))
  echo "$1 $number - $2"
}

report() { # WANT TEXT WORD VERDICT
  case $1:$4 in
  allow:allowed) line ok "$2" ;;
  allow:blocked) failed=1 && line "not ok" "$2: blocked, $(denial "$3")" ;;
  allow:silent)
    if [ $controlled = yes ]; then
      failed=1 && line "not ok" "$2: blocked, or down (no answer, while others answer)"
    else
      open=1 && line ok "$2 # SKIP cannot judge: nothing that is allowed answers"
    fi
    ;;
  deny:allowed) failed=1 && line "not ok" "$2: open" ;;
  deny:blocked) line ok "$2" ;;
  deny:silent)
    if [ $controlled = no ]; then
      open=1 && line ok "$2 # SKIP cannot judge: nothing that is allowed answers"
    elif [ "${PROBE_CANARIES:-}" = up ]; then
      line ok "$2"
    else
      open=1 && line ok "$2 # SKIP cannot judge: nothing shows that it is up"
    fi
    ;;
  *) open=1 && line ok "$2 # SKIP cannot judge: $4" ;;
  esac
}

count=$(grep -c '|' "$plan")
echo "TAP version 13"
echo "1..$count"

# What is allowed comes first: only where some of it answers, silence is a denial.
found=$(grep '^allow|' "$plan" | while IFS='|' read -r want how host port proxy about; do
  try "$want" "$how" "$host" "$port" "$proxy"
  echo "$host port $port is reached ($about)|$word|$judged"
done)
case $found in
*"|reached|"*) controlled=yes ;;
esac
while IFS='|' read -r text word judged; do
  [ -n "$text" ] && report allow "$text" "$word" "$judged"
done <<END
$found
END

while IFS='|' read -r want how host port proxy about; do
  case $want in
  deny)
    try "$want" "$how" "$host" "$port" "$proxy"
    report deny "$host port $port is not reached ($about)" "$word" "$judged"
    ;;
  left) # TEXT, WHY
    line ok "$how # SKIP not tried: $host"
    ;;
  esac
done <"$plan"

if [ $failed = 1 ]; then exit 1; fi
if [ $controlled = no ] || [ $open = 1 ]; then exit 3; fi
