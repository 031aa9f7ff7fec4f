// /usr/local/sbin/orion-keeper on a simulated node: what it measures, what it would do; it changes nothing by itself.
import { failed, type Machine, ok, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'
import type { GuestState } from '../world.ts'

const PROGRAM = '/usr/local/sbin/orion-keeper'
const CONFIG = '/etc/orion/keeper.json'
const COOL_CELSIUS = 45
const DISK_CELSIUS = 38

interface Named {
  readonly name: string
  readonly vmid: number
  readonly kind: 'vm' | 'ct'
}
interface Config {
  readonly node: string
  readonly limit?: number
  readonly resume?: number
  readonly shed: readonly (Named & { readonly downSeconds: number })[]
  readonly balloonIdle: readonly (Named & { readonly balloonMib: number })[]
  readonly keep: readonly number[]
  readonly serial?: string
}

export const orionKeeper: Program = (machine, [verb = '', ...args]) => {
  if (textAt(machine.host, PROGRAM) === undefined) return failed(127, `sh: 1: ${PROGRAM}: not found`)
  const config = configOf(machine.host)
  if (config === undefined) return failed(1, `orion-keeper: ${CONFIG} is no JSON document`)
  if (verb === 'check' || verb === 'release') return ok()
  if (verb === 'status') return ok(`${JSON.stringify(status(machine, config))}\n`)
  if (verb === 'test' && /^\d+(\.\d+)?$/.test(args[0] ?? ''))
    return ok(`${JSON.stringify(test(machine, config, Number(args[0])))}\n`)
  return failed(2, 'usage: orion-keeper run | status | test CELSIUS | release [--force] | check [FILE]')
}

function configOf(host: HostState): Config | undefined {
  try {
    return JSON.parse(textAt(host, CONFIG) ?? '') as Config
  } catch {
    return undefined
  }
}

const head = ({ node, limit, resume }: Config) => ({
  version: 1,
  node,
  limit: limit ?? null,
  resume: resume ?? null,
})

/** Faults make it hot, and let a disk fail: their code is the temperature. */
function status(machine: Machine, config: Config): Record<string, unknown> {
  const { host, world, faults, node } = machine
  const running = host.units['orion-keeper.service']?.active ?? false
  const base = { ...head(config), running }
  if (!running)
    return { ...base, lastRun: 0, state: 'cool', readings: [], shed: [], disks: [], heartbeat: null, alarms: [] }
  const now = Math.floor(world.now() / 1000)
  const celsius = faults.spoil(node, 'temperature')
  const value = celsius && 'code' in celsius ? celsius.code : COOL_CELSIUS
  const over = config.limit !== undefined && value > config.limit
  const reading = { sensor: 'coretemp/coretemp.0/Package id 0', celsius: value, good: true, reason: null, over }
  const disks = diskRows(machine, now)
  const bad = disks.filter(({ failing }) => failing)
  return {
    ...base,
    lastRun: now,
    state: over ? 'hot' : 'cool',
    readings: [reading],
    shed: [],
    disks,
    heartbeat: heartbeat(host, config),
    alarms: [
      ...(over
        ? [{ code: 'hot', subject: reading.sensor, text: `${value} °C, over ${config.limit} °C`, since: now }]
        : []),
      ...bad.map(({ disk }) => ({ code: 'disk', subject: disk, text: `${disk} fails`, since: now })),
    ],
  }
}

function diskRows({ host, faults, node }: Machine, now: number) {
  const disks = Object.values(host.pci ?? {}).flatMap(({ disks: own = [] }) => own)
  return disks.map((name) => {
    const failing = faults.spoil(node, `disk ${name}`) !== undefined
    const reasons = failing ? ['the drive itself says that it fails'] : []
    const about = { disk: `/dev/${name}`, model: 'Lab NVMe 2TB', serial: `LAB-${node}-${name}` }
    return { ...about, failing, reasons, celsius: DISK_CELSIUS, readable: true, checked: now }
  })
}

function heartbeat({ paths = [] }: HostState, { serial }: Config): Record<string, unknown> | null {
  if (serial === undefined) return null
  const there = paths.includes(serial)
  return {
    port: serial,
    ok: there,
    count: there ? 12 : 0,
    answer: there ? 'armed' : null,
    leftSeconds: there ? 170 : null,
  }
}

/** Why a guest is left alone; undefined = it would be asked to give way. */
function reasonOf({ world, node }: Machine, { keep }: Config, { name, vmid, kind }: Named): string | undefined {
  const guest: GuestState | undefined = world.state.guests[String(vmid)]
  if (keep.includes(vmid)) return 'kept'
  if (guest === undefined || guest.node !== node) return 'not on this node'
  if (guest.config[kind === 'vm' ? 'name' : 'hostname'] !== name) return 'another guest has its number'
  return guest.status === 'running' ? undefined : 'not running'
}

function test(machine: Machine, config: Config, celsius: number): Record<string, unknown> {
  const sheds = config.limit !== undefined && celsius > config.limit
  const idle = config.balloonIdle.map((one) => ({ one, steps: [{ action: 'balloon', toMib: one.balloonMib }] }))
  const shed = config.shed.map((one) => ({
    one,
    steps: [
      { action: 'shutdown', seconds: one.downSeconds },
      { action: 'stop', onlyIfRunning: true },
    ],
  }))
  const all = sheds ? [...idle, ...shed] : []
  const named = ({ name, vmid, kind }: Named) => ({ name, vmid, kind })
  const left = all.filter(({ one }) => reasonOf(machine, config, one) !== undefined)
  const done = all.filter((entry) => !left.includes(entry))
  const actions = done.flatMap(({ one, steps }) =>
    steps.map(({ action, ...more }) => ({ action, ...named(one), ...more })),
  )
  const skipped = left.map(({ one }) => ({ ...named(one), reason: reasonOf(machine, config, one) }))
  const once = skipped.filter(({ vmid }, at) => skipped.findIndex((other) => other.vmid === vmid) === at)
  return {
    ...head(config),
    celsius,
    sheds,
    actions: actions.map((one, at) => ({ order: at + 1, ...one })),
    skipped: once,
  }
}
