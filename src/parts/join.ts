// orion bootstrap join: a node comes into the site in five steps that may each be repeated. How far it is stands on the node itself.
import { OrionError } from '../errors.ts'
import type { Outside, Part } from '../resource.ts'
import { NODE_NAME, readAnew, refuseFacts, refuseOther, wishOf } from '../resources/host-facts.ts'
import type { Node, Site } from '../site/site.ts'
import { hardwareFacts, hardwareOf, judge } from './join-hardware.ts'
import { gatewaysOn, guestMeshParts, networkParts, otherGateways, serviceParts } from './join-parts.ts'
import { PROGRESS_FILE, type Progress, progressOf, progressText } from './join-progress.ts'
import { wayTroubles } from './join-ways.ts'
import { lasting, lastingTroubles, type Patience, readWeight, setWeight, startAtZero, WEIGHTS } from './join-weight.ts'
import type { Gateway } from './mesh/model.ts'
import { reachOf } from './mesh/reach.ts'

type Host = Awaited<ReturnType<Outside['host']>>

/** What is planned and applied together, once `prepare` is done. */
interface Stage {
  readonly parts: readonly Part[]
  /** What comes up in it takes no traffic yet. */
  prepare(): Promise<void>
}

export interface Join {
  readonly node: string
  /** Of the mesh, on this node: itself, or guests. */
  readonly gateways: readonly string[]
  /** Of steps 2 and 3. */
  readonly network: readonly Stage[]
  readonly services: readonly Stage[]
  /** Degrees of step 5; [] where no routes are announced from the node. */
  readonly weights: readonly number[]
  /** undefined where none was begun. */
  progress(): Promise<Progress | undefined>
  /** Step 1: what was seen. Errors: E_HOST_FACTS with all that is missing. */
  hardware(): Promise<readonly string[]>
  /** The least of its gateways, once no guarded change of them is open. */
  weight(): Promise<number>
  /** What speaks against (more of) step 5 now, of its links and of the ways of all others to it; [] = nothing. */
  troubles(): Promise<readonly string[]>
  /** One degree of step 5. Errors: E_HOST_FACTS, those of the guard. */
  setWeight(weight: number, note: (text: string) => void): Promise<void>
  keep(step: number): Promise<void>
}

/** Errors: E_USAGE for a name that no node of the site has; those of Host. */
export async function openJoin(site: Site, outside: Outside, name: string, patience?: Patience): Promise<Join> {
  const node = nodeOf(site, name)
  const host = await outside.host(name)
  return {
    node: name,
    gateways: gatewaysOn(site, node).map((gateway) => gateway.name),
    ...stagesOf(site, node, outside),
    ...trafficOf(site, node, { outside, patience }),
    progress: () => readProgress(host),
    hardware: () => lookAtHardware(site, node, host),
    keep: (step) => keep(host, step),
  }
}

/** A gateway is at zero before its mesh first comes up: a guest is there only after the services are. */
function stagesOf(site: Site, node: Node, outside: Outside): Pick<Join, 'network' | 'services'> {
  const gateways = gatewaysOn(site, node)
  const guests = gateways.filter(({ isNode }) => !isNode)
  const zero = (some: readonly Gateway[]) => async () => {
    if (isAnnounced(site)) for (const one of some) await startAtZero(await reachOf(site)(one.name, outside))
  }
  return {
    network: [{ parts: networkParts(site, node), prepare: zero(gateways.filter(({ isNode }) => isNode)) }],
    services: [
      { parts: serviceParts(site, node), prepare: async () => {} },
      ...(guests.length === 0 ? [] : [{ parts: guestMeshParts(site, node), prepare: zero(guests) }]),
    ],
  }
}

type Way = { readonly outside: Outside; readonly patience: Patience | undefined }

function trafficOf(
  site: Site,
  node: Node,
  { outside, patience }: Way,
): Pick<Join, 'weights' | 'weight' | 'troubles' | 'setWeight'> {
  const gateways = gatewaysOn(site, node)
  const announces = isAnnounced(site)
  const onEach = async <T>(work: (host: Host, gateway: Gateway) => Promise<T>): Promise<readonly T[]> => {
    const made: T[] = []
    for (const one of gateways) made.push(await work(await reachOf(site)(one.name, outside), one))
    return made
  }
  const { signal } = outside
  const weight = async () => Math.min(...(await onEach((host) => readWeight(host, outside.tell))))
  const others = gateways.length === 0 ? [] : otherGateways(site, node)
  return {
    weights: announces && gateways.length > 0 ? WEIGHTS : [],
    weight,
    troubles: async () => {
      const links = await onEach((host, one) => lastingTroubles(one, { host, announces, signal, patience }))
      const isWhole = !announces || (await weight()) >= 100
      const wish = { site, outside, joining: gateways, others, isWhole }
      return [...links.flat(), ...(await lasting(() => wayTroubles(wish), { signal, patience }))]
    },
    setWeight: async (weight, note) => void (await onEach((host, one) => setWeight(one, { host, weight, note }))),
  }
}

/** Ways that are written down are not announced, so they cannot be weighed. */
function isAnnounced({ mesh }: Site): boolean {
  return mesh?.routing === 'bgp'
}

async function lookAtHardware(site: Site, node: Node, host: Host): Promise<readonly string[]> {
  const seen = await host.read(wishOf([NODE_NAME, hardwareFacts()]))
  refuseOther(node.name, seen)
  const has = hardwareOf(seen)
  if (has === undefined) throw silent(node.name)
  const verdict = judge(site, node, has, Date.now() / 1000)
  refuseFacts(node.name, `joining ${node.name}`, verdict.problems)
  return [...verdict.seen, ...verdict.notes.map((text) => `note: ${text}`)]
}

async function readProgress(host: Host): Promise<Progress | undefined> {
  return progressOf(await readAnew(host, wishOf([NODE_NAME, { files: [PROGRESS_FILE] }])), host.name)
}

/** Written beside its place and renamed: complete or not at all. */
async function keep(host: Host, step: number): Promise<void> {
  const before = await readProgress(host)
  const at = new Date().toISOString()
  const since = before === undefined || step === 1 ? at : before.since
  await host.write([{ path: PROGRESS_FILE, text: progressText(host.name, { step, since, at }) }])
}

function nodeOf(site: Site, name: string): Node {
  const node = site.nodes.find((one) => one.name === name)
  if (node !== undefined) return node
  const known = site.nodes.map((one) => one.name)
  throw new OrionError(`${site.name} has no node named ${name}: it joins once it stands in the site file`, {
    code: 'E_USAGE',
    suggestions: [`nodes are named ${known.slice(0, 8).join(', ')}`],
  })
}

function silent(name: string): OrionError {
  return new OrionError(`${name} could not tell what it has`, {
    code: 'E_HOST_COMMAND',
    suggestions: [`on ${name}, as root: nproc, lsblk, and ls /sys/class/net`],
  })
}
