// A node with one card and some guests, as Proxmox VE treats them: what is set on a running guest waits, a stop brings it into
// force, and a start with a device that another running guest has fails. It dies on demand, before or after any write.
import { proxmoxApi } from 'proxmox-api'
import { OrionError } from '../../src/errors.ts'
import type { Host } from '../../src/host/host.ts'
import type { Cluster } from '../../src/pve/pve.ts'
import type { Note, Outside } from '../../src/resource.ts'
import type { DeviceLook, DeviceSight } from '../../src/resources/device-sight.ts'
import type { Device } from '../../src/site/services.ts'
import type { Guest, Site } from '../../src/site/site.ts'
import { testGuest, testSite } from './test-site.ts'

type Config = Record<string, string>

/** A guest of the world, of the site or not. */
export interface WorldGuest {
  readonly vmid: number
  readonly kind?: 'vm' | 'ct'
  running: boolean
  config: Config
  pending?: Record<string, string | null>
}

export interface WorldOptions {
  readonly device?: Partial<Device>
  readonly guests?: readonly Partial<Guest>[]
  /** Beside the site's guests, or with other options than these have. */
  readonly there?: readonly WorldGuest[]
  /** Of the site's guests, those that nobody has made yet. */
  readonly unmade?: readonly number[]
  readonly mapping?: string | null
  readonly sight?: Partial<DeviceSight>
  /** The card after its guest let it go: how often it must be looked for until it answers; undefined = it is sane. */
  readonly lostFor?: number
}

export class Killed extends Error {}

export const SLOT = '0000:01:00'
export const MAPPING = `node=n1,path=${SLOT},id=10de:2204,subsystem-id=10de:147d,iommugroup=14`
const SIGHT: DeviceSight = {
  slot: SLOT,
  entry: { path: SLOT, id: '10de:2204', 'subsystem-id': '10de:147d', iommugroup: '14' },
}

export interface World {
  readonly site: Site
  readonly device: Device
  readonly look: DeviceLook
  readonly outside: Outside
  readonly note: Note
  readonly notes: string[]
  /** What was written, in order: `stop brain`, `set district hostpci0=… balloon=0`, `reset`, `rescan`. */
  readonly writes: string[]
  readonly guests: ReadonlyMap<number, Required<WorldGuest>>
  readonly mappings: Map<string, { map: string[]; description?: string }>
  guest(name: string): Guest
  /** VMIDs that have the card by their options, or run with it. */
  holders(): number[]
  /** Dies at the nth write from now on: before it, or right after it. */
  dieAt(write: number, when: 'before' | 'after'): void
  /** Is called when a write has had its effect; may throw. */
  afterEachWrite(look: () => void): void
  /** Nothing dies any more. */
  live(): void
}

/** Two guests, brain (100) and district (110), and the card rtx; brain runs with it unless `there` says otherwise. */
export function deviceWorld(options: WorldOptions = {}): World {
  const device: Device = {
    name: 'rtx',
    node: 'n1',
    ids: ['10de:2204'],
    guest: 'brain',
    standby: ['district'],
    primaryGpu: false,
    yields: 'stop',
    fallback: 'without',
    ...options.device,
  }
  const [first = {}, second = {}] = options.guests ?? []
  const guests = [
    testGuest({
      name: 'brain',
      group: 'brain',
      vmid: 100,
      uuid: uuidOf(100),
      balloonMib: 1024,
      onboot: false,
      ...first,
    }),
    testGuest({
      name: 'district',
      group: 'district',
      vmid: 110,
      uuid: uuidOf(110),
      started: false,
      onboot: false,
      ...second,
    }),
  ]
  const site = testSite({ guests, devices: [device] })
  const map = options.mapping === undefined ? MAPPING : options.mapping
  const mappings = new Map(map === null ? [] : [['rtx', { map: [map], description: 'orion: Lab' }]])
  const told = new Set(options.there?.map(({ vmid }) => vmid))
  const state = new Map(guests.map((guest) => [guest.vmid, own(guest, guest.vmid === 100 && !told.has(100))]))
  for (const one of options.there ?? []) {
    const known = state.get(one.vmid)
    state.set(one.vmid, { kind: 'vm', pending: {}, ...one, config: { ...known?.config, ...one.config } })
  }
  for (const vmid of options.unmade ?? []) state.delete(vmid)
  const dying: { at?: number; when?: 'before' | 'after' } = {}
  const card = { lostFor: options.lostFor ?? 0 }
  const writes: string[] = []
  let inspect = () => {}
  const act = async <T>(text: string, effect: () => T): Promise<T> => {
    if (dying.at !== undefined) dying.at -= 1
    const isLast = dying.at === 0
    if (isLast && dying.when === 'before') throw new Killed(text)
    writes.push(text)
    const result = effect()
    inspect()
    if (isLast) throw new Killed(text)
    return result
  }
  const nameOf = (vmid: number) => guests.find((guest) => guest.vmid === vmid)?.name ?? `VM ${vmid}`
  const shared = new Map<string, Promise<unknown>>()
  const inside: Inside = { state, mappings, shared, act, nameOf }
  const cluster = makeCluster(inside)
  const notes: string[] = []
  const outside: Outside = {
    pve: { cluster: () => cluster, forget: () => shared.clear(), close: async () => {} },
    host: async () => makeHost(card, inside),
    forget: () => shared.clear(),
    signal: new AbortController().signal,
    text: async () => '',
    keep: async () => {},
  }
  const sight = { ...SIGHT, ...options.sight }
  return {
    site,
    device,
    look: { site, device, wish: {}, sight: () => sight },
    outside,
    note: (news) => void notes.push(news.kind === 'task' ? `task ${news.upid}` : `${news.kind}: ${news.text}`),
    notes,
    writes,
    guests: state,
    mappings,
    guest: (name) => guests.find((guest) => guest.name === name) ?? testGuest(),
    holders: () => [...state.values()].filter(hasCard).map(({ vmid }) => vmid),
    dieAt: (at, when) => void Object.assign(dying, { at, when }),
    afterEachWrite: (look) => {
      inspect = look
    },
    live: () => {
      delete dying.at
      shared.clear()
    },
  }
}

const CARD = 'mapping=rtx,pcie=1'
const uuidOf = (vmid: number): string => `00000000-0000-4000-8000-000000000${vmid}`

function own(guest: Guest, has: boolean): Required<WorldGuest> {
  const config: Config = {
    name: guest.name,
    tags: 'orion;orion-lab',
    smbios1: `uuid=${guest.uuid}`,
    ...(guest.balloonMib === undefined ? {} : { balloon: String(guest.balloonMib) }),
  }
  const card = guest.kind === 'ct' ? {} : { hostpci0: CARD, balloon: '0' }
  return {
    vmid: guest.vmid,
    kind: guest.kind,
    running: has,
    config: has ? { ...config, ...card } : config,
    pending: {},
  }
}

const isCard = (value: string | null | undefined): boolean =>
  value != null && (/\bmapping=rtx\b/.test(value) || /\b01:00\b/.test(value))

/** It would have it from its next start, or it runs with it. */
function hasCard({ config, pending, running }: Required<WorldGuest>): boolean {
  const next = { ...config, ...pending }
  const of = (values: Record<string, string | null>) =>
    Object.entries(values).some(([key, value]) => key.startsWith('hostpci') && isCard(value))
  return of(next) || (running && of(config))
}

interface Inside {
  readonly state: Map<number, Required<WorldGuest>>
  readonly mappings: Map<string, { map: string[]; description?: string }>
  readonly shared: Map<string, Promise<unknown>>
  readonly act: <T>(text: string, effect: () => T) => Promise<T>
  readonly nameOf: (vmid: number) => string
}

function makeCluster(inside: Inside): Cluster {
  const { state, shared } = inside
  const listOf = (kind: 'vm' | 'ct') => [...state.values()].filter((one) => one.kind === kind)
  const doRequest = async (method: string, path: string, _: string, params: Record<string, unknown> = {}) => {
    const url = decodeURIComponent(path.replace('/api2/json', ''))
    if (method.toUpperCase() !== 'GET') shared.clear()
    if (url === '/cluster/resources')
      return [...state.values()].map(({ vmid, kind, config }) => {
        const type = kind === 'vm' ? 'qemu' : 'lxc'
        return { id: `${type}/${vmid}`, type, node: 'n1', name: config.name, vmid }
      })
    const list = /^\/nodes\/n1\/(qemu|lxc)$/.exec(url)
    if (list)
      return listOf(list[1] === 'qemu' ? 'vm' : 'ct').map((one) => ({
        vmid: one.vmid,
        status: one.running ? 'running' : 'stopped',
        tags: one.config.tags,
        name: one.config.name,
      }))
    const mapping = /^\/cluster\/mapping\/(?:pci|usb)(?:\/(.*))?$/.exec(url)
    if (mapping) return answerMapping(inside, method.toUpperCase(), mapping[1], params)
    const [, vmid, verb] = /^\/nodes\/n1\/(?:qemu|lxc)\/(\d+)\/(.*)$/.exec(url) ?? []
    const guest = state.get(Number(vmid))
    if (guest === undefined || verb === undefined)
      throw new OrionError(`${method} ${url} does not exist`, { code: 'E_PVE_NOT_FOUND' })
    return answerGuest(inside, guest, verb, params)
  }
  return {
    name: 'Lab',
    who: async () => 'root@pam',
    api: proxmoxApi({ doRequest }),
    version: async () => ({ major: 9, minor: 1, text: '9.1' }),
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const running = (shared.get(key) as Promise<T> | undefined) ?? read()
      shared.set(key, running)
      return running
    },
    task: async (upid) => {
      if (upid.startsWith('failed ')) throw new OrionError(upid, { code: 'E_TASK' })
    },
  }
}

function answerMapping(
  { mappings, act }: Inside,
  method: string,
  id: string | undefined,
  params: Record<string, unknown>,
) {
  if (method === 'GET') return [...mappings].map(([name, one]) => ({ id: name, ...structuredClone(one) }))
  const name = id ?? String(params.id)
  if (method === 'DELETE') return act(`unmap ${name}`, () => void mappings.delete(name))
  const map = params.map as string[]
  const description = params.description === undefined ? mappings.get(name)?.description : String(params.description)
  return act(
    `map ${name} ${map.join(' ')}`,
    () => void mappings.set(name, { map, ...(description ? { description } : {}) }),
  )
}

async function answerGuest(
  inside: Inside,
  guest: Required<WorldGuest>,
  verb: string,
  params: Record<string, unknown>,
): Promise<unknown> {
  const { act, nameOf, state } = inside
  const name = nameOf(guest.vmid)
  if (verb === 'pending') return pendingView(guest)
  if (verb === 'config') {
    if (params.digest !== undefined && params.digest !== digestOf(guest))
      throw new OrionError('checksum mismatch', { code: 'E_PVE_BUSY', recheck: true })
    const { digest: _, delete: dropped, ...set } = params
    const words = Object.entries(set).map(([key, value]) => `${key}=${value}`)
    return act(['set', name, ...words, ...(dropped === undefined ? [] : [`-${dropped}`])].join(' '), () =>
      configure(guest, set, String(dropped ?? '')),
    )
  }
  if (verb === 'status/shutdown') return act(`stop ${name}`, () => stop(guest))
  if (verb !== 'status/start') throw new OrionError(`${verb} does not exist`, { code: 'E_PVE_NOT_FOUND' })
  applyPending(guest)
  const busy = [...state.values()].find((one) => one !== guest && one.running && hasCard(one) && hasCard(guest))
  if (busy) return `failed start of ${name}: PCI device '${SLOT}.0' already in use by VMID '${busy.vmid}'`
  return act(`start ${name}`, () => {
    guest.running = true
    return 'UPID'
  })
}

const digestOf = ({ config, pending }: Required<WorldGuest>): string => JSON.stringify([config, pending])

function pendingView(guest: Required<WorldGuest>): unknown[] {
  const { config, pending } = guest
  const rows = [...new Set([...Object.keys(config), ...Object.keys(pending)])].map((key) => ({
    key,
    ...(config[key] === undefined ? {} : { value: config[key] }),
    ...(pending[key] === undefined ? {} : pending[key] === null ? { delete: 1 } : { pending: pending[key] }),
  }))
  return [...rows, { key: 'digest', value: digestOf(guest) }]
}

function configure(guest: Required<WorldGuest>, set: Record<string, unknown>, dropped: string): null {
  for (const [key, value] of Object.entries(set)) guest.pending[key] = String(value)
  for (const key of dropped.split(',').filter(Boolean)) guest.pending[key] = null
  for (const [key, value] of Object.entries(guest.pending)) {
    const isSame = value === null ? guest.config[key] === undefined : guest.config[key] === value
    if (isSame) delete guest.pending[key]
    // USB is plugged in and out of a running guest, a balloon changes.
    else if (/^(usb|balloon|onboot)/.test(key)) applyKey(guest, key, value)
  }
  if (!guest.running) applyPending(guest)
  return null
}

function applyKey(guest: Required<WorldGuest>, key: string, value: string | null): void {
  delete guest.pending[key]
  if (value === null) delete guest.config[key]
  else guest.config[key] = value
}

function applyPending(guest: Required<WorldGuest>): void {
  for (const [key, value] of Object.entries(guest.pending)) applyKey(guest, key, value)
}

function stop(guest: Required<WorldGuest>): string {
  guest.running = false
  applyPending(guest)
  return 'UPID'
}

/** `pct set 100 --dev0 /dev/apex_0 --delete dev1 --digest …` */
async function setAsRoot({ state, act, nameOf }: Inside, [, , id, ...words]: readonly string[]): Promise<void> {
  const guest = state.get(Number(id))
  if (guest === undefined) throw new Error(`no guest ${id}`)
  const rows = words.flatMap((word, at) => (at % 2 === 0 ? [[word.slice(2), words[at + 1] ?? ''] as const] : []))
  const { digest: _, delete: dropped = '', ...set } = Object.fromEntries(rows)
  const shown = [...Object.entries(set).map(([key, value]) => `${key}=${value}`), ...(dropped ? [`-${dropped}`] : [])]
  await act(['root set', nameOf(guest.vmid), ...shown].join(' '), () => configure(guest, set, dropped))
}

function makeHost(card: { lostFor: number }, inside: Inside): Host {
  const { act } = inside
  const none = async (): Promise<never> => Promise.reject(new Error('not here'))
  const rescan = () => {
    card.lostFor -= 1
  }
  return {
    name: 'n1',
    run: async (argv) => {
      const program = argv[3]
      if (program === 'orion-pci-rescan') await act('rescan', rescan)
      else if (program === 'orion-pci-check') await act('reset', () => undefined)
      else if (argv[1] === 'set') await setAsRoot(inside, argv)
      else throw new Error(`no program ${argv.join(' ')}`)
      const [id, power, reset] = card.lostFor > 0 ? ['ffff:ffff', 'D3cold', 'failed'] : ['10de:2204', 'D0', 'done']
      return { code: 0, stdout: `${SLOT}.0 id=${id} power=${power} driver=vfio-pci reset=${reset}\n`, stderr: '' }
    },
    read: async () => ({ files: new Map(), commands: new Map() }),
    write: none,
    once: (_, read) => read(),
    forget: () => {},
    ends: async () => ({ client: '10.0.0.9', server: '10.0.0.1' }),
    fresh: none,
    guard: { change: none, states: none, holder: none, undo: none },
    close: async () => {},
  }
}
