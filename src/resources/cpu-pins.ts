// The cores of a node's guests: the affinity and hookscript that are stored, and the threads of those that run. One step, as one choice.
import { OrionError } from '../errors.ts'
import type { Host, ReadWish } from '../host/host.ts'
import type { Difference, Note, Outside, Resource, ResourceId } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'
import { type HostFacts, readFacts, refuseFacts } from './host-facts.ts'
import { inTurn } from './host-turn.ts'
import { BUSY } from './root-channel.ts'

/** What one guest shall have. */
interface GuestPin {
  readonly guest: Guest
  /** As `qm set --affinity` takes it; '' = none shall be stored; undefined = not looked at. */
  readonly affinity?: string | undefined
  /** It is somebody's own, of which only the cores of others are taken: orion never takes the rest away. */
  readonly isOwn?: true | undefined
  /** The volume of the hookscript of ours that it needs; undefined = one of ours goes, and another's stays. */
  readonly hook?: string | undefined
  /** What is not as wanted of its threads, where it runs. */
  readonly live: readonly Difference[]
}

export interface CpuPinsOptions {
  readonly site: Site
  readonly node: string
  readonly needs: readonly ResourceId[]
  readonly wish: ReadWish
  /** Pure. `problems`: why nothing can be chosen. */
  choose(seen: HostFacts): { readonly pins: readonly GuestPin[]; readonly problems: readonly string[] }
  /** Is this volume a hookscript of ours? */
  isOurs(volume: string): boolean
  /** What the node runs, before `VMID DIGEST AFFINITY HOOK …` (templates/cores/pins.eta). */
  readonly command: readonly string[]
}

interface Row {
  readonly pin: GuestPin
  /** undefined = the guest is not there yet. */
  readonly state: GuestState | undefined
}

interface SeenPins {
  readonly rows: readonly Row[]
}

/** Always there. Errors: of observe E_HOST_FACTS, E_FOREIGN; of update E_PVE_BUSY (recheck), E_HOST_COMMAND. */
export function cpuPins(options: CpuPinsOptions): Resource<SeenPins> {
  const { site, node, needs, wish, choose } = options
  const title = `cores of guests on ${node}`
  return {
    id: `cpu-pins:${node}/guests`,
    title,
    needs,
    observe: async (outside) => {
      const { pins, problems } = choose(await readFacts(await outside.host(node), wish))
      refuseFacts(node, title, problems)
      const rows = pins.map(async (pin) => ({ pin, state: await readGuest(site, pin.guest, outside) }))
      return { rows: await Promise.all(rows) }
    },
    diff: (have) => (have?.rows ?? []).flatMap((row) => diffRow(options, row)),
    create: async () => undefined, // Never absent.
    update: (outside, have, note) => setPins(options, have, { outside, note }),
    remove: async () => undefined, // They go with their guests.
  }
}

function diffRow({ node, isOurs }: CpuPinsOptions, { pin, state }: Row): readonly Difference[] {
  const { guest, affinity, hook, live } = pin
  if (state !== undefined && state.node !== node) return elsewhere(pin, node, state)
  const changes = [
    ...diffOption(`affinity of ${guest.name}`, stored(state, 'affinity'), affinity),
    ...diffHook(guest, stored(state, 'hookscript'), hook, isOurs),
  ]
  return [...changes, ...(state?.running ? live : [])]
}

/** The CPUs of one node mean nothing on another. Who only has to stay away from cores here does so there. */
function elsewhere({ guest }: GuestPin, node: string, state: GuestState): readonly Difference[] {
  if (guest.pin === undefined) return []
  const hint = `its cores are chosen on ${node}: move ${guest.name} back, or name ${state.node} as its node in the site file`
  return [{ field: `node of ${guest.name}`, have: state.node, want: node, waits: 'operator', hint }]
}

function diffOption(field: string, have: string, want: string | undefined): readonly Difference[] {
  if (want === undefined || have === want) return []
  return [{ field, ...(have && { have }), ...(want && { want }), channel: 'root' }]
}

function diffHook(
  guest: Guest,
  have: string,
  want: string | undefined,
  isOurs: (volume: string) => boolean,
): readonly Difference[] {
  const field = `hookscript of ${guest.name}`
  if (have === '' || isOurs(have)) return diffOption(field, have, want ?? '')
  if (want === undefined) return []
  const hint = `take it away (qm set ${guest.vmid} --delete hookscript), or pin.realtime out of the site file: a guest has one hookscript`
  return [{ field, have, want, immutable: true, hint }]
}

const stored = (state: GuestState | undefined, key: string): string => state?.settings.get(key)?.next ?? ''

interface Doing {
  readonly outside: Outside
  readonly note: Note
}

async function setPins(options: CpuPinsOptions, { rows }: SeenPins, { outside, note }: Doing): Promise<void> {
  const changed = rows.filter((row) => diffRow(options, row).some(({ waits }) => waits === undefined))
  for (const { pin, state } of changed) if (state) await waitUnlocked(pin.guest, state.node, outside, state)
  const words = changed.flatMap((row) => (row.state === undefined ? [] : wordsOf(options, row, row.state)))
  const host = await outside.host(options.node)
  try {
    await inTurn(host, () => run(host, [...options.command, ...words], note))
  } finally {
    host.forget()
    outside.pve.forget() // The connection to the API knows nothing of this write.
  }
}

function wordsOf({ isOurs }: CpuPinsOptions, { pin }: Row, state: GuestState): readonly string[] {
  const { guest, affinity, isOwn, hook } = pin
  const word = (have: string, want: string | undefined) => (want === undefined || have === want ? '=' : want || '-')
  const have = stored(state, 'hookscript')
  const script = have !== '' && !isOurs(have) ? '=' : word(have, hook ?? '')
  const cpus = word(stored(state, 'affinity'), affinity)
  return [String(guest.vmid), state.digest ?? '-', isOwn && /\d/.test(cpus) ? `own:${cpus}` : cpus, script]
}

/** `qm` of Proxmox VE takes about a second, and waits ten for a lock. */
const SECONDS_EACH = 15

async function run(host: Host, argv: readonly string[], note: Note): Promise<void> {
  note({ kind: 'info', text: `guests of ${host.name} are put on their cores` })
  const timeoutMs = 60_000 + argv.length * 250 * SECONDS_EACH
  const { code, stderr } = await host.run(argv, { accept: [0, 1], timeoutMs })
  if (code === 0) return
  const isBusy = BUSY.test(stderr)
  throw new OrionError(`not every guest of ${host.name} is on its cores: ${stderr.trim().split('\n').join('; ')}`, {
    code: isBusy ? 'E_PVE_BUSY' : 'E_HOST_COMMAND',
    recheck: isBusy,
    suggestions: [`on ${host.name}, as root: orion-cores set VMID says what is wrong with the threads of one guest`],
  })
}
