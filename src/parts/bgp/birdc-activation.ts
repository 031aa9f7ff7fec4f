// Makes a new bird.conf active and keeps it: BIRD's own undo timer around it, every answer read by its code.

import type { FileSet } from '../../resources/file-set.ts'
import { type HostFacts, said } from '../../resources/host-facts.ts'

/** BIRD goes back by itself where the activation is killed in between; longer than the activation itself may take. */
const UNDO_SECONDS = 120
/** So long a reconfiguration may go on, and a start may take. */
const WAIT_SECONDS = 60

/** One BIRD of a host: there may be several. */
export interface BirdInstance {
  /** What its activation is called, as `$0` of the program. */
  readonly name: string
  readonly conf: string
  /** undefined = where birdc looks by itself. */
  readonly socket?: string
  readonly unit: string
}

/** The one of Debian's package. */
const PACKAGED: BirdInstance = { name: 'orion-bird', conf: '/etc/bird/bird.conf', unit: 'bird.service' }

/** What `bootBird` must know of the host as it was before. */
export const BOOT_FACTS = { commands: { 'bird-enabled': ['systemctl', 'is-enabled', 'bird.service'] } } as const

/** What the activation must know of the host as it was before. */
export const ACTIVATION_FACTS = { commands: { 'bird-active': ['systemctl', 'is-active', 'bird.service'] } } as const

/**
 * Program for `sh -c`, POSIX. Arguments: state of the unit before the change, seconds of BIRD's timer, seconds of patience; its
 * configuration, its socket ('' = birdc's own), its unit; and protocols whose routes are to be read anew (0015; 0008 where one is
 * down; BIRD 3 has another word for it).
 * `configure` answers 0003 (done), 0004 or 0005 (goes on: `show status` says until when), 8xxx and 9xxx (refused);
 * `configure confirm` answers 0018, or 0019 where the timer is gone: somebody else configured BIRD in between.
 */
const PROGRAM = `was=$1 undo=$2 patience=$3 file=$4 socket=$5 unit=$6
shift 6
fail() { printf 'bird: %s\\n' "$*" >&2; exit 1; }
ask() { answer=$(timeout "$patience" birdc \${socket:+-s "$socket"} -v "$@" 2>&1); codes=" $(printf '%s\\n' "$answer" | sed -n 's/^\\([0-9]\\{4\\}\\)[- ].*/\\1/p' | tr '\\n' ' ')"; }
has() { case $codes in *" $1 "*) return 0 ;; esac; return 1; }
until_status() {
  last=$(($(date +%s) + patience))
  while :; do
    ask show status
    case $answer in *"$1"*) return 0 ;; esac
    [ "$(date +%s)" -le "$last" ] || return 1
    sleep 0.2
  done
}
back=no
if [ "\${ORION_GUARD-swap}" = put-back ]; then back=yes; fi
# It has nothing to run with (what made it is undone), or did not run before: the change started it.
if [ ! -e "$file" ] || { [ "$back" = yes ] && [ "$was" != active ]; }; then
  # Where its unit went with the files, there is nothing left to stop.
  systemctl stop "$unit" || ! systemctl cat "$unit" >/dev/null 2>&1
  exit
fi
ask show status
if ! has 0013; then
  systemctl start "$unit" || fail "$unit does not start"
  until_status 'Daemon is up and running' || fail "does not answer within $patience s: $answer"
fi
if [ "$back" = yes ]; then ask configure; else ask configure timeout "$undo"; fi
case $codes in *' 8'*|*' 9'*) fail "refuses the configuration: $answer" ;; esac
if has 0004 || has 0005; then
  until_status 'Daemon is up and running' || fail "is not reconfigured within $patience s: $answer"
elif ! has 0003; then
  fail "does not reconfigure: $answer"
fi
[ "$back" = no ] || exit 0
for protocol do
  ask reload in "$protocol"
  has 0015 || ask reload filters in "$protocol"
  has 0015 || has 0008 || fail "does not reload $protocol: $answer"
done
ask configure confirm
has 0018 || fail "was configured by somebody else meanwhile: $answer"
`

/**
 * To be run after the swap of BIRD's files, and after the old ones were put back (ORION_GUARD=put-back). `before`: with
 * ACTIVATION_FACTS. `reload`: names of protocols.
 */
export function activateBird(before: HostFacts, reload: readonly string[] = []): Activation {
  return activateInstance(PACKAGED, said(before, 'bird-active') ?? 'inactive', reload)
}

/** Program for `sh -c`. Arguments: the unit, and what `systemctl is-enabled` said of it before. */
const BOOT = `if [ "\${ORION_GUARD-swap}" != put-back ]; then systemctl --quiet enable "$1"
elif [ "$2" = disabled ]; then systemctl --quiet disable "$1"; fi`

/** A BIRD that would be away after a restart of the machine starts with it. `before`: with BOOT_FACTS. */
export function bootBird(before: HostFacts): Activation {
  const was = bootState(before)
  return was === undefined || was === 'enabled' ? [] : [['sh', '-c', BOOT, 'orion-bird-boot', PACKAGED.unit, was]]
}

/** Of its unit; undefined where there is none (yet). Pure, with BOOT_FACTS. */
export function bootState(seen: HostFacts): string | undefined {
  const said = seen.commands.get('bird-enabled')?.stdout.trim()
  return said === '' || said === 'not-found' ? undefined : said
}

type Activation = ReturnType<Extract<FileSet['activate'], (seen: never) => unknown>>

/** The same for any BIRD of a host. `was`: what `systemctl is-active` said of its unit before. */
export function activateInstance(instance: BirdInstance, was: string, reload: readonly string[] = []): Activation {
  const { name, conf, socket = '', unit } = instance
  const times = [String(UNDO_SECONDS), String(WAIT_SECONDS)]
  return [['sh', '-c', PROGRAM, name, was, ...times, conf, socket, unit, ...reload]]
}
