// A drill as it is made: samples on the observers, the cut on one host, which ends it by itself, and what they saw.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../../errors.ts'
import { template } from '../../render.ts'
import type { Outside } from '../../resource.ts'
import type { Site } from '../../site/site.ts'
import { type DrillPair, type DrillPlan, observersOf, planDrill } from './drill.ts'
import { judgePair, type PairResult, parseSample, type Sample } from './drill-sample.ts'
import { addressesOf, lookAt, lookCommand } from './look.ts'
import type { GatewayLook } from './look-text.ts'
import { parseLook } from './look-text.ts'
import { type Gateway, getMesh } from './model.ts'
import { reachOf } from './reach.ts'
import { linkRows } from './status.ts'

export interface Drill {
  readonly name: string
  readonly what: string
  readonly at: string
  readonly ports: readonly number[]
  readonly links: readonly string[]
  readonly routing: 'bgp' | 'static'
  readonly pairs: readonly {
    readonly from: string
    readonly to: string
    readonly before: string
    readonly after?: string
  }[]
  /** So many of the pairs are measured. */
  readonly measured: number
  /** What speaks against it now; [] = nothing. Errors: those of hosts. */
  problems(): Promise<readonly string[]>
  /** Cuts for so long and returns when everything was measured. Errors: E_HOST_COMMAND where nothing was cut; those of hosts. */
  run(seconds: number, note: (text: string) => void): Promise<readonly PairResult[]>
}

const renderSample = template<object>('mesh/sample')
const renderCut = template<object>('mesh/drill')

/** Samples begin so long before the cut, and go on after it until the old ways should be back (BGP tries again within 5 s). */
const BEFORE_MS = 2_000
const AROUND_SECONDS = 10
/** Handshakes, sessions and ways as they were found: two pings tell whether a link carries. */
const LOOK = { pings: 2, probe: false } as const

/** `orion-mesh-drill cut SECONDS PORT…`, for `sh -c`: exit 75 while another one is under way, and nothing is cut unless its end is sure. */
export const cutProgram = (): string => renderCut({})

/** Errors: E_USAGE where there is nothing of this name to cut. */
export function openDrill(site: Site, outside: Outside, target: string): Drill {
  const plan = planDrill(site, target)
  const observers = observersOf(plan)
  const { name, what, at, ports, links, routing, pairs } = plan
  const world = { site, outside, plan, observers }
  return {
    ...{ name, what, ports, routing, at: at.name, links: links.map(({ id }) => id) },
    pairs: pairs.map(({ from, to, ...rest }) => ({ from: from.name, to: to.name, ...rest })),
    measured: [...observers.values()].flat().length,
    problems: () => findProblems(world),
    run: (seconds, note) => run(world, seconds, note),
  }
}

interface World {
  readonly site: Site
  readonly outside: Outside
  readonly plan: DrillPlan
  readonly observers: ReadonlyMap<Gateway, readonly DrillPair[]>
}

/** A drill on a mesh that is not whole could cut the last way there is. */
async function findProblems(world: World): Promise<readonly string[]> {
  const { gateways, links } = getMesh(world.site)
  const asked = gateways.filter((gateway) => world.observers.has(gateway) || gateway === world.plan.at)
  const looks = new Map<string, GatewayLook | undefined>()
  await Promise.all(asked.map(async (gateway) => looks.set(gateway.name, await lookAt(world, gateway, gateways, LOOK))))
  const rows = linkRows(links, looks, world.site.mesh ?? {})
  const bad = rows.filter(({ state }) => state !== 'fresh').map(({ link, state }) => `${link} is not fresh (${state})`)
  const waiting = rows.flatMap(({ link, ends }) =>
    ends
      .filter(({ bgp = 'Established' }) => bgp !== 'Established')
      .map(({ gateway }) => `${link}: no BGP at ${gateway}`),
  )
  const own = await Promise.all(asked.map((gateway) => ownWay(world, gateway)))
  return [...bad, ...waiting, ...own.flat()]
}

/** Our own way to a gateway must not be what is cut: nobody would hear how it went. */
async function ownWay({ site, outside, plan }: World, gateway: Gateway): Promise<readonly string[]> {
  const host = await reachOf(site)(gateway.name, outside)
  const { client } = await host.ends()
  const { stdout } = await host.run(lookCommand([], [client], { pings: 0, probe: false }))
  const name = parseLook(stdout)?.ways.get(client)
  const end = gateway.links.find((one) => one.interface === name)
  return end !== undefined && plan.links.includes(end.link)
    ? [`your own way to ${gateway.name} goes over ${end.link.id}`]
    : []
}

async function run(world: World, seconds: number, note: (text: string) => void): Promise<readonly PairResult[]> {
  const { site, outside, plan, observers } = world
  const lasting = seconds + AROUND_SECONDS
  const samples = [...observers].map(async ([from, pairs]) => {
    const sample = await sampleAt(world, from, pairs, lasting)
    return pairs.map((pair) => judgePair(pair, sample, seconds))
  })
  const all = Promise.all(samples)
  all.catch(() => {}) // Heard below; the cut may fail first.
  await sleep(BEFORE_MS, undefined, { signal: outside.signal }).catch(() => undefined)
  const host = await reachOf(site)(plan.at.name, outside)
  const words = [String(seconds), ...plan.ports.map(String)]
  await host.run(['sh', '-c', cutProgram(), 'orion-mesh-drill', 'cut', ...words], { timeoutMs: 20_000 })
  note(`${plan.what} is cut on ${plan.at.name} for ${seconds} s; ${plan.at.name} ends it by itself`)
  // Where nobody watches, it is over when the host has ended it.
  const end = observers.size > 0 ? undefined : sleep(seconds * 1000, undefined, outside).catch(() => undefined)
  const done = new AbortController()
  const counting = countDown(seconds, note, AbortSignal.any([done.signal, outside.signal]))
  try {
    await end
    return (await all).flat()
  } finally {
    done.abort()
    await counting
  }
}

const COUNT_SECONDS = 5

/** Until it is aborted. */
async function countDown(seconds: number, note: (text: string) => void, signal: AbortSignal): Promise<void> {
  try {
    for (let left = seconds; left > 0; left -= COUNT_SECONDS) {
      await sleep(Math.min(left, COUNT_SECONDS) * 1000, undefined, { signal })
      const rest = left - COUNT_SECONDS
      note(rest > 0 ? `${rest} s left` : `the cut has ended; measured for ${AROUND_SECONDS - BEFORE_MS / 1000} s more`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** An observer that is lost meanwhile told nothing; that is a result. */
async function sampleAt(
  { site, outside }: World,
  from: Gateway,
  pairs: readonly DrillPair[],
  seconds: number,
): Promise<Sample | undefined> {
  const addresses = pairs.flatMap(({ to }) => addressesOf(to).slice(0, 1))
  const argv = ['sh', '-c', renderSample({}), 'orion-mesh-sample', String(seconds), ...addresses]
  try {
    const host = await reachOf(site)(from.name, outside)
    return parseSample((await host.run(argv, { timeoutMs: (seconds + 30) * 1000 })).stdout)
  } catch (error) {
    if (error instanceof OrionError && error.code !== 'E_INTERRUPTED') return undefined
    throw error
  }
}
