// The table of `orion vm list`.
import type { Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'

/** One guest: of the site file, and what Proxmox VE says of it. */
export interface GuestLine {
  readonly name: string
  readonly vmid: number
  readonly kind: 'vm' | 'ct'
  readonly node: string
  /** `running`, `stopped`; `-` for an absent or foreign one. */
  readonly status: string
  readonly cores: number
  readonly memoryMib: number
  readonly address?: string
  readonly state: 'ours' | 'absent' | 'foreign' | 'orphan'
}

const columns: readonly Column<GuestLine>[] = [
  { head: 'VMID', get: ({ vmid }) => String(vmid), right: true },
  { head: 'NAME', get: ({ name }) => name },
  { head: 'KIND', get: ({ kind }) => kind },
  { head: 'NODE', get: ({ node }) => node },
  { head: 'STATUS', get: getStatus, colour: getColour },
  { head: 'CORES', get: ({ cores }) => String(cores), right: true },
  { head: 'MEMORY', get: ({ memoryMib }) => getMemory(memoryMib), right: true },
  { head: 'ADDRESS', get: ({ address }) => address ?? '-' },
]

/** Pure; in the order given. Ends without a line feed. */
export function renderGuests(rows: readonly GuestLine[], look: Look): string {
  return rows.length === 0 ? 'No guests.' : renderTable(columns, rows, look)
}

function getStatus({ status, state }: GuestLine): string {
  return state === 'ours' ? status : state
}

function getColour({ status, state }: GuestLine): 'green' | 'yellow' | 'red' | 'dim' {
  if (state !== 'ours') return state === 'absent' ? 'dim' : 'red'
  return status === 'running' ? 'green' : 'yellow'
}

/** `512 MiB`, `2 GiB`, `2.5 GiB`. */
function getMemory(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Number((mib / 1024).toFixed(1))} GiB`
}
