// What the Keeper of a node is told: its limits, its sensors, and whose turn it is. Read by /usr/local/sbin/orion-keeper.
import type { Keeper } from '../../site/services.ts'
import type { Guest, Node, Site } from '../../site/site.ts'

/** Debian's prometheus-node-exporter reads this folder as it is installed. */
const METRICS = '/var/lib/prometheus/node-exporter/orion-keeper.prom'

/** How often it looks, and how often at the disks: SMART wakes one that sleeps. Seconds. */
const INTERVAL_SECONDS = 5
const SMART_SECONDS = 3600
/** As for every guest that the site file says nothing else of (resources/guest-power.ts). */
const DOWN_SECONDS = 60

interface Named {
  /** As Proxmox VE calls it: a VMID of another name is never touched. */
  readonly name: string
  readonly vmid: number
  readonly kind: Guest['kind']
}

interface ToShed extends Named {
  /** How long it may take to end itself. */
  readonly downSeconds: number
}

interface ToBalloon extends Named {
  readonly balloonMib: number
  readonly memoryMib: number
}

/** keeper.json; the program refuses any other key. Without a limit it measures, and never sheds. */
export interface KeeperConfig {
  readonly node: string
  readonly limit?: number
  readonly resume?: number
  /** Empty: processors and graphics cards. */
  readonly sensors: readonly string[]
  readonly intervalSeconds: number
  /** In the order in which they give way. */
  readonly shed: readonly ToShed[]
  /** Virtual machines with less than their whole memory as minimum. */
  readonly balloonIdle: readonly ToBalloon[]
  /** VMIDs that are never touched. */
  readonly keep: readonly number[]
  /** VMIDs with cores for themselves: the kernel ends everything else first where memory runs out. */
  readonly pinned: readonly number[]
  readonly metrics: string
  readonly serial?: string
  readonly smartEverySeconds: number
}

/** Of the guests of this node alone; one with cores for itself is in no list, whatever stands there. Pure. */
export function getKeeperConfig(site: Site, keeper: Keeper, { name }: Pick<Node, 'name'>): KeeperConfig {
  const own = site.guests.filter((guest) => guest.node === name)
  const listed = (names: readonly string[]) => [...new Set(names)].flatMap((one) => own.filter(isToGive(one)))
  const [shed, balloonIdle] = [listed(keeper.shed), listed(keeper.balloonIdle)]
  const touched = new Set([...shed, ...balloonIdle])
  const { temperature, serial, metrics = METRICS } = keeper
  return {
    node: name,
    ...(temperature && { limit: temperature.limitCelsius, resume: temperature.resumeCelsius }),
    sensors: temperature?.sensors ?? [],
    intervalSeconds: INTERVAL_SECONDS,
    shed: shed.map(toShed),
    balloonIdle: balloonIdle.flatMap(toBalloon),
    keep: own.filter((guest) => !touched.has(guest)).map(({ vmid }) => vmid),
    pinned: own.filter(({ pin }) => pin?.exclusive).map(({ vmid }) => vmid),
    metrics,
    ...(serial === undefined ? {} : { serial }),
    smartEverySeconds: SMART_SECONDS,
  }
}

const isToGive =
  (wanted: string) =>
  ({ name, pin }: Guest): boolean =>
    name === wanted && !pin?.exclusive

/** The file: a line for each key and for each guest, so that a plan shows what changes. */
export function configText(config: KeeperConfig): string {
  const rows = Object.entries(config).map(([key, value]) => `  ${JSON.stringify(key)}: ${valueText(value)}`)
  return `{\n${rows.join(',\n')}\n}\n`
}

function valueText(value: unknown): string {
  const isTable = Array.isArray(value) && value.some((one) => typeof one === 'object')
  if (!isTable) return JSON.stringify(value)
  return `[\n${value.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
}

function toShed({ name, vmid, kind, startup }: Guest): ToShed {
  return { name, vmid, kind, downSeconds: startup?.downSeconds ?? DOWN_SECONDS }
}

/** [] where Proxmox VE has nothing to take back; the rules of the site file say so. */
function toBalloon({ name, vmid, kind, balloonMib = 0, memoryMib }: Guest): ToBalloon[] {
  if (kind !== 'vm' || balloonMib === 0 || balloonMib >= memoryMib) return []
  return [{ name, vmid, kind, balloonMib, memoryMib }]
}
