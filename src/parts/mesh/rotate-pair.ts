// New WireGuard key pairs for both ends of a link: the session ends with the old ones, so traffic is first asked another way.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { readAnew, readSettled, wishOf } from '../../resources/host-facts.ts'
import { inTurn } from '../../resources/host-turn.ts'
import { abortPsk, askEnd, publicOf, SIDES } from '../../resources/mesh-psk-exchange.ts'
import { lookBoth, type PskLink, type PskState, type Two } from '../../resources/mesh-psk-look.ts'
import { healPsk, type RotationOptions, settle, takeBack } from '../../resources/mesh-psk-rotation.ts'
import type { Site } from '../../site/site.ts'
import { MESH_BIRD_FACTS, reloadMeshBird } from './bird.ts'
import { MESH_BIRD } from './bird-names.ts'
import { DRAIN_FILE, setDrain } from './drain.ts'
import { endsOf, type Link, type LinkEnd } from './model.ts'
import { reachOf } from './reach.ts'
import { hasOtherWay } from './rotate-order.ts'

/** A link of the model, and as the programs on its hosts know it. */
export interface RotatingLink {
  readonly link: Link
  readonly ends: PskLink
}

type Host = Awaited<ReturnType<Outside['host']>>

/** Both programs must be there before the second comes at which the first end changes. */
const AHEAD_SECONDS = 8
/**
 * The second end changes so much later: what it sends then finds the first one ready. Two ends that begin at one moment cross their handshakes: none
 * comes about until WireGuard tries anew after 5 s, or each end has a session of its own, and nothing is carried for 15 s. The clocks' seconds may be one off.
 */
const APART_SECONDS = 2
const PATIENCE = { freshMs: 30_000, everyMs: 500, apartMs: 30_000 }
/** Neighbours that are told to prefer another way have done so by then. */
const MOVED_MS = 3_000
const DRAIN_SECONDS = 120

/** Errors: as for a preshared key; the old pairs are in force then. What cannot go another way is lost for some seconds. */
export async function rotatePair(
  site: Site,
  outside: Outside,
  { link, ends }: RotatingLink,
  options: RotationOptions,
): Promise<'rotated' | 'finished'> {
  const [a, b] = ends.ends
  const reach = reachOf(site)
  const hosts = await Promise.all([reach(a.host, outside), reach(b.host, outside)])
  const healed = await healPsk(ends, hosts, options)
  const drain = (on: boolean) => drainLink(site, outside, link, { on, note: options.note })
  try {
    if (healed === 'finished') return 'finished'
    refuseDown(ends, await lookBoth(hosts, ends))
    if (hasOtherWay(site, link)) {
      await drain(true)
      await sleep(MOVED_MS, undefined, { signal: options.signal }).catch(() => undefined)
    }
    await swap(ends, hosts, options)
    return 'rotated'
  } finally {
    await drain(false)
    for (const host of hosts) host.forget()
  }
}

async function swap(link: PskLink, hosts: Two<Host>, options: RotationOptions): Promise<void> {
  const keys = await stage(link, hosts)
  // Each by its own clock, counted from the same moment.
  const states = await lookBoth(hosts, link)
  const change = (at: 0 | 1) => {
    const second = states[at].now + AHEAD_SECONDS + at * APART_SECONDS
    return askEnd(hosts, link, at, ['key-apply', String(second), keys[at === 0 ? 1 : 0]])
  }
  const results = await Promise.allSettled(SIDES.map(change))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) await takeBack(link, hosts, options, failed.reason)
  options.note(`${link.id}: new key pairs on both ends, waiting for a handshake with them`)
  await settle(link, hosts, { ...options, patience: options.patience ?? PATIENCE })
}

async function stage(link: PskLink, hosts: Two<Host>): Promise<Two<string>> {
  const made = async (at: 0 | 1) => publicOf(await askEnd(hosts, link, at, ['key-stage']), 'wg')
  try {
    const [one, other] = await Promise.all([made(0), made(1)])
    if (one !== undefined && other !== undefined) return [one, other]
    throw new OrionError(`${link.id}: a key pair could not be made`, { code: 'E_HOST_FACTS' })
  } catch (error) {
    await abortPsk(link, hosts)
    throw error
  }
}

/** Errors: E_HOST_FACTS for a link that is not up. */
export function refuseDown(link: PskLink, states: Two<PskState>): void {
  const down = link.ends.filter((_, at) => !states[at]?.isUp)
  if (down.length === 0) return
  const which = down.map((end) => `${end.interface} of ${end.host}`).join(' and ')
  throw new OrionError(`the key of ${link.id}: ${which} ${down.length === 1 ? 'is' : 'are'} not up`, {
    code: 'E_HOST_FACTS',
    suggestions: ['orion mesh apply'],
  })
}

/** Asks traffic away from a link at both of its ends (RFC 8326), or no more; without a BIRD that runs, nothing. Errors: those of the guard. */
export async function drainLink(
  site: Site,
  outside: Outside,
  link: Link,
  how: { readonly on: boolean; readonly note: (text: string) => void },
): Promise<void> {
  if (site.mesh?.routing !== 'bgp') return
  const reach = reachOf(site)
  await Promise.all(endsOf(link).map(async (end) => drainEnd(await reach(end.own.name, outside), end, how)))
}

async function drainEnd(
  host: Host,
  { own, interface: name }: LinkEnd,
  { on, note }: { readonly on: boolean; readonly note: (text: string) => void },
): Promise<void> {
  const wish = wishOf([{ files: [DRAIN_FILE] }, MESH_BIRD_FACTS])
  host.forget()
  // A run that was killed may have left its change to the host, which takes it back in its own time.
  await readSettled(host, wish, () => true, { tell: async (text) => note(text) })
  await inTurn(host, async () => {
    const before = await readAnew(host, wish)
    const have = before.files.get(DRAIN_FILE)?.text
    const text = setDrain(own, have, { interfaces: [name], on })
    if (have === undefined || have === text) return
    await host.guard.change(
      {
        name: 'mesh-drain',
        files: [{ path: DRAIN_FILE, text }],
        check: [['bird', '-p', '-c', MESH_BIRD.conf]],
        activate: reloadMeshBird(before),
        confirmWithinSeconds: DRAIN_SECONDS,
      },
      { note: () => undefined, prove: async () => [] },
    )
    note(`${host.name}: ${name} is ${on ? '' : 'no longer '}drained`)
  })
}
