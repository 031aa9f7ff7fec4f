// The last step of joining: a gateway takes traffic by degrees, and each degree stands only where its links lose nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outside } from '../resource.ts'
import { type HostFacts, NODE_NAME, readAnew, readSettled, refuseFacts, wishOf } from '../resources/host-facts.ts'
import { MESH_BIRD_FACTS, reloadMeshBird } from './mesh/bird.ts'
import { MESH_BIRD } from './mesh/bird-names.ts'
import { proveSessions, SESSION_FACTS } from './mesh/bird-sessions.ts'
import { lookCommand } from './mesh/look.ts'
import { type LinkLook, parseLook } from './mesh/look-text.ts'
import type { Gateway } from './mesh/model.ts'
import { FRESH_SECONDS } from './mesh/status.ts'
import { WEIGHT_FILE, weightFile, weightOf } from './mesh/weight.ts'

const WISH = wishOf([NODE_NAME, { files: [WEIGHT_FILE, MESH_BIRD.conf] }, MESH_BIRD_FACTS, SESSION_FACTS])

type Host = Awaited<ReturnType<Outside['host']>>

/** In hundredths of what the gateway is to take in the end. */
export const WEIGHTS = [25, 50, 75, 100] as const
/** BIRD's patience with a new configuration, and the links' own check, asked again until it is content. */
const CONFIRM_SECONDS = 180
const PINGS = 3

/** Before its mesh first comes up; one that is there stays. */
export async function startAtZero(host: Host): Promise<void> {
  const { files } = await host.read({ files: [WEIGHT_FILE] })
  if (files.has(WEIGHT_FILE)) return
  await host.write([{ path: WEIGHT_FILE, text: weightFile(0) }])
  // The plan before it saw no file, which would mean 100.
  host.forget()
}

/** Once no guarded change of the host is open: a weight that nobody confirmed is none. Errors: E_HOST_BUSY. */
export async function readWeight(host: Host, tell?: Outside['tell']): Promise<number> {
  host.forget()
  const { files } = await readSettled(host, wishOf([NODE_NAME, { files: [WEIGHT_FILE] }]), () => true, { tell })
  return weightOf(files.get(WEIGHT_FILE)?.text)
}

/**
 * Sets the weight under the guard; every link must be fresh and lose no packet with it. Errors: E_HOST_FACTS where it is not so
 * before, those of the guard (exit 4: the old weight).
 */
export async function setWeight(
  gateway: Gateway,
  { host, weight, note }: { readonly host: Host; readonly weight: number; readonly note: (text: string) => void },
): Promise<void> {
  host.forget()
  const tell = async (text: string) => note(text)
  const before: HostFacts = await readSettled(host, WISH, () => true, { tell })
  refuseFacts(gateway.name, `weight ${weight} of ${gateway.name}`, await linkTroubles(gateway, host))
  const change = {
    name: 'mesh-weight',
    files: [{ path: WEIGHT_FILE, text: weightFile(weight) }],
    check: [['bird', '-p', '-c', MESH_BIRD.conf]],
    activate: reloadMeshBird(before),
    confirmWithinSeconds: CONFIRM_SECONDS,
  }
  const prove = async (fresh: Host) => {
    const after = await readAnew(fresh, WISH)
    const now = weightOf(after.files.get(WEIGHT_FILE)?.text)
    const wrong = now === weight ? [] : [`${WEIGHT_FILE} says ${now}`]
    return [...wrong, ...proveSessions(before, after), ...(await linkTroubles(gateway, fresh))]
  }
  await host.guard.change(change, { note, prove })
}

/** What speaks against more traffic; [] = nothing. `announces`: the ways are BGP's. Errors: those of the host. */
async function linkTroubles(gateway: Gateway, host: Host, announces = true): Promise<readonly string[]> {
  const { stdout } = await host.run(lookCommand(gateway.links, [], { pings: PINGS, probe: false }))
  const look = parseLook(stdout)
  if (look === undefined) return [`${gateway.name} does not tell how its links are`]
  return gateway.links.flatMap(({ interface: name, peer }) => {
    const link = look.links.get(name)
    const why = troubleOf(link, look.now) ?? (announces ? silenceOf(link) : undefined)
    return why === undefined ? [] : [`${gateway.name}: the link with ${peer.name} ${why}`]
  })
}

/** How long links that just came up may take, and how often to look. Milliseconds. */
export interface Patience {
  readonly limitMs: number
  readonly everyMs: number
}

/** The same, once there is none, or they do not go by themselves. */
export function lastingTroubles(gateway: Gateway, { host, announces, ...rest }: Lasting): Promise<readonly string[]> {
  return lasting(() => linkTroubles(gateway, host, announces), rest)
}

/** What `look` finds, once that is nothing, or patience has ended. */
export async function lasting(
  look: () => Promise<readonly string[]>,
  { signal, patience: { limitMs, everyMs } = PATIENCE }: Pick<Lasting, 'signal' | 'patience'>,
): Promise<readonly string[]> {
  for (const start = performance.now(); ; await sleep(everyMs, undefined, { signal })) {
    const troubles = await look()
    if (troubles.length === 0 || performance.now() + everyMs > start + limitMs) return troubles
  }
}

interface Lasting {
  readonly host: Host
  readonly announces: boolean
  readonly signal: AbortSignal
  readonly patience?: Patience | undefined
}

// A first handshake takes some seconds, and BGP and BFD come after it.
const PATIENCE: Patience = { limitMs: 60_000, everyMs: 2_000 }

function troubleOf(link: LinkLook | undefined, now: number): string | undefined {
  if (link === undefined || link.state !== 'up') return 'is not up'
  const { peer, ping } = link
  if (peer === undefined || peer.handshake === 0) return 'had no handshake yet'
  if (now - peer.handshake > FRESH_SECONDS) return `had its last handshake ${now - peer.handshake} s ago`
  const lost = (ping?.sent ?? PINGS) - (ping?.received ?? 0)
  return lost > 0 ? `loses ${lost} of ${ping?.sent ?? PINGS} packets` : undefined
}

function silenceOf(link: LinkLook | undefined): string | undefined {
  const state = link?.bgp?.state
  return state === 'Established' ? undefined : `has no BGP session (${state ?? 'none'})`
}
