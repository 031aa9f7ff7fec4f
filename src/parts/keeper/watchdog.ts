// The watchdog of a node: systemd feeds it where nobody else does, and leaves it alone where somebody does.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Keeper } from '../../site/services.ts'
import type { Node } from '../../site/site.ts'
import { type Dog, type Watchdogs, watchdogFacts, watchdogsOf } from './watchdog-look.ts'
import { dogName, isSoftdog, type Owner, ownerName, ownerOf, softdogHint } from './watchdog-owner.ts'

/** Behind what others ship: the last one counts (systemd-system.conf(5)). */
export const WATCHDOG_FILE = '/etc/systemd/system.conf.d/90-orion-watchdog.conf'

export type WatchdogWish = NonNullable<Keeper['watchdog']>

// systemd closes the device before it starts anew and opens it again, if the files still say so (systemd 252 and 257). What
// cannot be stopped (nowayout) would reset the node if nobody fed it any more: until the next restart, a file in /run keeps it so.
const ACTIVATE = `run=/run/systemd/system.conf.d/\${1##*/}
if [ -e "$1" ]; then rm -f -- "$run"
elif [ "$(cat "/sys/class/watchdog/$2/nowayout" 2>/dev/null)" = 1 ] &&
  [ -n "$(find /proc/1/fd -lname '/dev/watchdog*' 2>/dev/null)" ]; then
  mkdir -p "\${run%/*}" && printf '%s' "$3" > "$run" || exit
fi
exec systemctl daemon-reexec`

export function watchdogHostFacts({ device }: WatchdogWish): Facts {
  return { files: [WATCHDOG_FILE], ...watchdogFacts(device) }
}

/** The drop-in where systemd may have the device; none, and the reason as what waits, where somebody else has it. */
export function watchdog(node: Node, wanted: WatchdogWish, wish: FileSet['wish']): FileSet {
  return {
    host: node.name,
    name: 'watchdog',
    title: `the watchdog of ${node.name}`,
    wish,
    owned: true,
    files: (seen) => {
      if (isOurs(claimOf(seen))) return [{ path: WATCHDOG_FILE, text: textOf(wanted) }]
      return seen.files.has(WATCHDOG_FILE) ? [{ path: WATCHDOG_FILE, text: undefined }] : []
    },
    problems: (seen) => problemsOf(node, wanted, seen),
    drift: (seen) => driftOf(node, wanted, seen),
    activate: (before) => watchdogActivation(claimOf(before)?.dog, textOf(wanted)),
  }
}

/** `dog`: the one that systemd feeds; `text`: what goes on until the next restart where the file goes and it cannot be stopped. */
export function watchdogActivation(dog: Dog | undefined, text: string): readonly (readonly string[])[] {
  return [['sh', '-c', ACTIVATE, 'orion-watchdog', WATCHDOG_FILE, dog?.name ?? '-', text]]
}

/** The one that systemd has open, whatever its device is called in a site file. Pure. */
export function fedDog(seen: HostFacts): Dog | undefined {
  const watchdogs = watchdogsOf(seen)
  const held = watchdogs?.holders.find(({ pid }) => pid === 1)?.dog
  return watchdogs?.dogs.find(({ name }) => name === held)
}

/** What is there at the wanted device, and whose it is. */
export interface Claim {
  readonly watchdogs: Watchdogs
  readonly dog: Dog
  readonly owner: Owner
}

/** undefined where there is no such watchdog, or nothing is known. Pure. */
export function claimOf(seen: HostFacts): Claim | undefined {
  const watchdogs = watchdogsOf(seen)
  const dog = watchdogs?.dog
  return watchdogs && dog && { watchdogs, dog, owner: ownerOf(watchdogs, dog) }
}

/** Of a host of which nothing is known: what it would be at best. One that is left to itself is taken, too: that saves the node. */
function isOurs(claim: Claim | undefined): boolean {
  return claim === undefined || !(claim.owner.kind === 'watchdog-mux' || claim.owner.kind === 'other')
}

/** Both values are checked by the rules of the site file: nothing of them ends a line, or is a specifier. */
function textOf({ device, timeoutSeconds }: WatchdogWish): string {
  return [
    '# Made by orion from the site file.',
    '[Manager]',
    `RuntimeWatchdogSec=${timeoutSeconds}`,
    `WatchdogDevice=${device}`,
    '',
  ].join('\n')
}

function problemsOf({ name }: Node, { device, timeoutSeconds }: WatchdogWish, seen: HostFacts): readonly string[] {
  const watchdogs = watchdogsOf(seen)
  if (watchdogs === undefined) return ['its watchdogs cannot be looked at']
  const claim = claimOf(seen)
  if (claim === undefined) {
    const known = watchdogs.dogs.map((dog) => `/dev/${dog.name} (${dogName(dog)})`)
    const others = known.length > 0 ? `it has ${known.join(', ')}` : 'no driver of one is loaded'
    return [`${name} has no watchdog at ${device}: ${others}`]
  }
  const fed = fedDog(seen)
  // systemd would let it go for the other one, and nobody would feed it: the node would be reset.
  if (fed?.nowayout && fed.name !== claim.dog.name && (isOurs(claim) || seen.files.has(WATCHDOG_FILE)))
    return [
      `systemd feeds ${dogName(fed)} (/dev/${fed.name}), which cannot be stopped before the next restart (nowayout): take keeper.watchdog.device out of the site file, orion keeper apply, restart ${name}, and put ${device} in`,
    ]
  if (!isOurs(claim)) return []
  const { maxSeconds, minSeconds } = claim.dog
  const what = `${dogName(claim.dog)} at ${device}`
  if (maxSeconds !== undefined && timeoutSeconds > maxSeconds)
    return [`${what} counts to ${maxSeconds} s at most, and keeper.watchdog.timeout is ${timeoutSeconds} s`]
  if (minSeconds !== undefined && timeoutSeconds < minSeconds)
    return [`${what} counts to ${minSeconds} s at least, and keeper.watchdog.timeout is ${timeoutSeconds} s`]
  return []
}

function driftOf({ name }: Node, { device, timeoutSeconds }: WatchdogWish, seen: HostFacts): readonly Difference[] {
  const claim = claimOf(seen)
  if (claim === undefined) return []
  const { watchdogs, dog, owner } = claim
  const want = `${timeoutSeconds} s, fed by systemd`
  if (!isOurs(claim)) {
    // One owner and a real watchdog: as it should be. Its time is watchdog-mux's own.
    if (owner.kind === 'watchdog-mux' && dog.active && !isSoftdog(dog)) return []
    const have = `${ownerName(owner)} has it (${dogName(dog)}${secondsOf(dog)})`
    return [{ field: device, have, want, waits: 'operator', hint: otherHint(name, claim) }]
  }
  if (owner.kind !== 'systemd') return [{ field: device, have: owner.kind === 'left' ? 'fed by nobody' : 'off', want }]
  const { runtimeSeconds } = watchdogs
  if (runtimeSeconds === undefined || runtimeSeconds === timeoutSeconds) return []
  return [{ field: device, have: `${runtimeSeconds} s, fed by systemd`, want }]
}

const secondsOf = ({ timeoutSeconds }: Dog): string => (timeoutSeconds === undefined ? '' : `, ${timeoutSeconds} s`)

/** Two never: what is to be done is the operator's, since HA needs watchdog-mux. */
function otherHint(node: string, { watchdogs, dog, owner }: Claim): string {
  if (isSoftdog(dog)) return softdogHint(node, watchdogs)
  const name = ownerName(owner)
  return owner.kind === 'other'
    ? `let one of them have it: systemctl disable --now ${name} on ${node}, or no keeper.watchdog`
    : `systemctl start watchdog-mux on ${node}; only without HA, for systemd: systemctl mask --now watchdog-mux there`
}
