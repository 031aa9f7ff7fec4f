// Rule: the keeper of a node has limits that make sense, and takes only from guests that can give.
import type { Keeper } from '../services.ts'
import type { Finding, Guest, Path, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

/** Below this a node that is merely busy misses its turn, and is reset. */
const SHORT_WATCHDOG_SECONDS = 10

export function keeper(site: Site): Finding[] {
  if (site.keeper === undefined) return []
  const { shed, balloonIdle } = site.keeper
  return [
    ...temperature(site.keeper),
    ...metrics(site.keeper),
    ...watchdog(site.keeper),
    ...(['shed', 'balloonIdle'] as const).flatMap((key) => withOwnCores(site.keeper?.[key] ?? [], key, site.guests)),
    ...namedTwice(shed, 'shed'),
    ...namedTwice(balloonIdle, 'balloonIdle'),
    ...withoutBalloon(balloonIdle, site.guests),
  ]
}

function temperature({ temperature: limits }: Keeper): Finding[] {
  if (limits === undefined || limits.resumeCelsius < limits.limitCelsius) return []
  const message = `resumes at ${limits.resumeCelsius} °C, which is not below the limit of ${limits.limitCelsius} °C`
  return [error(['keeper', 'temperature', 'resume'], message)]
}

/** node-exporter's textfile collector passes over files of other names. */
function metrics({ metrics: file }: Keeper): Finding[] {
  if (file === undefined || file.endsWith('.prom')) return []
  return [warning(['keeper', 'metrics'], `${file} does not end in .prom: node-exporter reads no other files`)]
}

/** What may stand in a line of systemd's configuration as it is. */
const DEVICE = /^\/dev\/[A-Za-z0-9][A-Za-z0-9_.:+/-]*$/

function watchdog({ watchdog: dog, serial }: Keeper): Finding[] {
  const path: Path = ['keeper', 'watchdog']
  const findings: Finding[] = []
  for (const [key, file] of [['device', dog?.device] as const, ['serial', serial] as const])
    if (file !== undefined && !DEVICE.test(file))
      findings.push(error([...path, key], `${file} is not a device under /dev/`))
  if (dog === undefined) return findings
  if (dog.timeoutSeconds <= 0) findings.push(error([...path, 'timeout'], 'a watchdog needs a timeout above zero'))
  else if (dog.timeoutSeconds < SHORT_WATCHDOG_SECONDS)
    findings.push(
      warning(
        [...path, 'timeout'],
        `${dog.timeoutSeconds} s is short: a busy node is reset; ${SHORT_WATCHDOG_SECONDS} s or more`,
      ),
    )
  return findings
}

function namedTwice(names: readonly string[], key: 'shed' | 'balloonIdle'): Finding[] {
  const seen = new Set<string>()
  return names.flatMap((name) => {
    if (seen.has(name)) return [warning(['keeper', key], `${name} stands in this list already`)]
    seen.add(name)
    return []
  })
}

/** A guest that has its cores for itself must not wait for anybody: the Keeper takes nothing of it. */
function withOwnCores(names: readonly string[], key: 'shed' | 'balloonIdle', guests: readonly Guest[]): Finding[] {
  const known = byName(guests)
  const own = [...new Set(names)].filter((name) => known.get(name)?.pin?.exclusive)
  return own.map((name) =>
    error(['keeper', key], `guests.${name} has cores for itself (pin.exclusive), and the Keeper takes nothing of it`),
  )
}

/** Without `balloon` Proxmox's minimum is the whole memory, so ballooning takes nothing. */
function withoutBalloon(names: readonly string[], guests: readonly Guest[]): Finding[] {
  const known = byName(guests)
  return names.flatMap((name) => {
    const guest = known.get(name)
    if (guest === undefined || (guest.kind === 'vm' && guest.balloonMib)) return []
    const reason = guest.kind === 'ct' ? 'is a container' : 'has no balloon minimum'
    return [warning(['keeper', 'balloonIdle'], `guests.${name} ${reason}: there is nothing to take back`)]
  })
}
