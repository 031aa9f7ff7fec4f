// Settings of a guest: what the site file wants of one key, what Proxmox VE has for it, and the difference between them.
import type { Difference } from '../resource.ts'

/** One key as the guest has it. `active` runs now; `next` is stored (Proxmox VE calls it pending) and runs after a restart. */
export interface Setting {
  readonly active?: string
  readonly next?: string
}

export type Settings = ReadonlyMap<string, Setting>

/** One key as the site file wants it. */
export interface Wanted {
  readonly key: string
  /** As it is sent; '' = must not be set. */
  readonly value: string
  /** What the server takes it to be where the key is not set; '' = nothing. */
  readonly absent?: string
  /** One spelling for all texts that mean the same. */
  readonly normal?: (text: string) => string
  /** What is sent where the key is set already: keeps the properties that are not ours. */
  readonly merge?: (have: string) => string
  /** For people, where the value itself is too long. Takes the normal form. */
  readonly show?: (text: string) => string
  /** `root`: only root@pam may set it (root-only.ts): not the API sends it, but root on the node. */
  readonly channel?: 'root'
  /** Sent when the guest is created and never again: it cannot be read back, or is free to change later. */
  readonly createOnly?: true
  /** Cannot be changed on a guest that exists; says what to do instead. */
  readonly fixed?: string
}

/** Changes of one configuration write. */
export interface Changes {
  readonly set: Readonly<Record<string, string>>
  readonly drop: readonly string[]
}

const same = (text: string) => text

/** The differences of an existing guest. With `restart` a change that only waits for a restart counts as one to make. */
export function diffSettings(
  wanted: readonly Wanted[],
  have: Settings,
  options: { readonly restart: boolean },
): Difference[] {
  return wanted.filter((row) => row.createOnly === undefined).flatMap((row) => diffSetting(row, have, options.restart))
}

function diffSetting(row: Wanted, have: Settings, restart: boolean): Difference[] {
  const { normal = same, show = same, absent = '' } = row
  const setting = have.get(row.key) ?? {}
  const want = normal(row.value)
  const next = normal(setting.next ?? absent)
  const active = normal(setting.active ?? absent)
  if (next === want && active === want) return []
  // A key that is not set shows as nothing, not as what its normal form makes of nothing.
  const raw = (next === want ? setting.active : setting.next) ?? absent
  const haveText = raw === '' ? '' : show(next === want ? active : next)
  const difference = {
    field: row.key,
    ...shown('have', haveText),
    ...shown('want', show(want)),
  }
  if (next === want) return [restart ? difference : { ...difference, waits: 'restart', hint: RESTART_HINT }]
  if (row.fixed !== undefined) return [{ ...difference, immutable: true, hint: row.fixed }]
  return [{ ...difference, ...howOf(row) }]
}

/** Over which channel a row is set. */
function howOf({ channel }: Wanted): Partial<Difference> {
  return channel === undefined ? {} : { channel }
}

export const RESTART_HINT = 'stored; active after a restart (--restart)'

function shown(side: 'have' | 'want', text: string): Partial<Record<'have' | 'want', string>> {
  return text === '' ? {} : { [side]: text }
}

/** Every field that a creation sets, over either channel. */
export function newSettings(wanted: readonly Wanted[]): Difference[] {
  return wanted
    .filter((row) => row.value !== '')
    .map((row) => ({
      field: row.key,
      want: (row.show ?? same)((row.normal ?? same)(row.value)),
      ...howOf(row),
    }))
}

/** What a creation sends to the API. */
export function createParameters(wanted: readonly Wanted[]): Record<string, string> {
  const sent = wanted.filter((row) => row.channel === undefined && row.value !== '')
  return Object.fromEntries(sent.map((row) => [row.key, row.value]))
}

/** What a change of an existing guest sends to the API, or over the root channel: only keys whose stored value is not as wanted. */
export function changesOf(wanted: readonly Wanted[], have: Settings, channel?: 'root'): Changes {
  const rows = wanted.filter((row) => row.channel === channel && !isLeft(row))
  const set: Record<string, string> = {}
  const drop: string[] = []
  for (const row of rows) {
    const { normal = same, absent = '' } = row
    const stored = have.get(row.key)?.next
    if (normal(stored ?? absent) === normal(row.value)) continue
    const value = stored === undefined || row.merge === undefined ? row.value : row.merge(stored)
    if (value === '') drop.push(row.key)
    else set[row.key] = value
  }
  return { set, drop }
}

/** Is it nothing that a change of an existing guest may send? */
function isLeft({ createOnly, fixed }: Wanted): boolean {
  return createOnly !== undefined || fixed !== undefined
}

/** Is there nothing to send? */
export function isNoChange({ set, drop }: Changes): boolean {
  return Object.keys(set).length === 0 && drop.length === 0
}
