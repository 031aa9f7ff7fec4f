// `orion-mesh-drill` and `orion-mesh-sample` on simulated hosts: packets of some ports are dropped, and the ways move as they would.
import { setTimeout as sleep } from 'node:timers/promises'
import { failed, type Machine, ok, type Program } from '../host/machine.ts'
import { ribsOf } from './bgp-mesh.ts'
import { type MeshState, meshOf } from './mesh-state.ts'
import { isAnswered, wayOf } from './ways.ts'
import { rememberHandshakes } from './wire.ts'

/** BFD of 300 ms × 3, and what BIRD needs to tell the others. */
const MOVE_MS = 940
/** From the end of a cut: a handshake, and the sessions stand again. */
const BACK_MS = 1500
/** Long enough for everybody who looks to see it. */
const SHOWN_MS = 3000
const WAIT_MS = 8000
const EVERY_MS = 50
const PER_SECOND = 20

/** `cut SECONDS PORT…`, `heal` */
export const orionDrill: Program = (machine, [verb, seconds = '0', ...ports]) => {
  const { host, world } = machine
  const now = world.now()
  if (verb === 'heal') delete meshOf(host).cut
  else if (verb !== 'cut' || ports.length === 0) return failed(1, 'usage: cut SECONDS PORT… | heal')
  else {
    rememberHandshakes(machine.all())
    meshOf(host).cut = { ports: ports.map(Number), sinceMs: now, seconds: Number(seconds), untilMs: now + SHOWN_MS }
  }
  world.changed()
  return ok(verb === 'cut' ? `cut ${now}\n` : '')
}

/** `SECONDS ADDRESS…`: waits for the cut that is to come and for its end, and tells what would have been seen in so many seconds. */
export const orionSample: Program = async (machine, [seconds = '0', ...addresses]) => {
  const startMs = Date.now()
  const before = seenFrom(machine, addresses)
  const cut = await waitForCut(machine)
  const meanwhile = cut === undefined ? before : seenFrom(machine, addresses)
  if (cut !== undefined) await waitForEnd(machine, cut)
  const after = seenFrom(machine, addresses)
  const lengthMs = Number(seconds) * 1000
  const sinceMs = (cut?.sinceMs ?? startMs) - startMs
  const times = { cutMs: sinceMs, backMs: sinceMs + (cut?.seconds ?? 0) * 1000 + BACK_MS, lengthMs }
  const lines = addresses.flatMap((address) => sampled(address, { before, meanwhile, after }, times))
  return ok([`start ${startMs}`, ...lines, `end ${startMs + lengthMs}`].map((line) => `${line}\n`).join(''))
}

interface Seen {
  readonly way: string
  readonly isAnswered: boolean
}

function seenFrom(machine: Machine, addresses: readonly string[]): ReadonlyMap<string, Seen> {
  const ribs = ribsOf(machine.all())
  return new Map(
    addresses.map((address) => [
      address,
      { way: wayOf(machine, address, ribs) ?? '-', isAnswered: isAnswered(machine, address, ribs) },
    ]),
  )
}

async function waitForCut(machine: Machine): Promise<MeshState['cut']> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(EVERY_MS)) {
    const cuts = machine.all().flatMap(({ host }) => host.mesh?.cut ?? [])
    const open = cuts.find(({ untilMs }) => untilMs > machine.world.now())
    if (open) return open
  }
  return undefined
}

/** What comes after the end is measured, and nobody hears of an end that was not yet. */
async function waitForEnd({ world }: Machine, { untilMs }: NonNullable<MeshState['cut']>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; world.now() < untilMs && Date.now() < end; ) await sleep(EVERY_MS)
}

interface Times {
  readonly cutMs: number
  /** When everything is as before. */
  readonly backMs: number
  readonly lengthMs: number
}

/** What was seen before the cut, while it lasted, and when it had ended. */
type Looks = Readonly<Record<'before' | 'meanwhile' | 'after', ReadonlyMap<string, Seen>>>

/** Where there is another way it is taken; where there is none, nothing comes until the cut has ended. */
function sampled(address: string, looks: Looks, { cutMs, backMs, lengthMs }: Times): string[] {
  const [old, now, end] = [looks.before.get(address), looks.meanwhile.get(address), looks.after.get(address)]
  if (old === undefined || now === undefined || end === undefined) return []
  const moves = old.way !== now.way
  const moveMs = cutMs + MOVE_MS
  const isLost = old.isAnswered && (moves || !now.isAnswered)
  const answeredMs = now.isAnswered ? moveMs : end.isAnswered ? backMs : undefined
  const silentMs = !old.isAnswered ? lengthMs : isLost ? (answeredMs ?? lengthMs) - cutMs : 0
  return [
    `way 0 ${address} ${old.way}`,
    ...(moves ? [`way ${moveMs} ${address} ${now.way}`] : []),
    ...(end.way !== now.way ? [`way ${backMs} ${address} ${end.way}`] : []),
    `ping ${address} ${Math.max(0, Math.round(((lengthMs - silentMs) / 1000) * PER_SECOND))}`,
    ...(isLost ? [`gap ${address} ${cutMs} ${answeredMs ?? '-'}`] : []),
    ...(old.isAnswered ? [] : [`gap ${address} 0 -`]),
  ]
}
