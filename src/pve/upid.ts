// UPIDs: the names that Proxmox VE gives to its tasks.
import { OrionError } from '../errors.ts'

export interface Upid {
  readonly text: string
  /** The node that runs the task and keeps its log. */
  readonly node: string
  readonly startedAt: Date
  /** E.g. `qmcreate`, `vzcreate`, `imgdel`. */
  readonly type: string
  /** What it works on, e.g. a VMID; often empty. */
  readonly id: string
  readonly user: string
}

// UPID:node:pid:pstart:starttime:type:id:user@realm[!token]: with hexadecimal numbers; pstart outgrows 8 digits after
// 497 days of uptime. The id may be empty and keeps its own escapes; the colon at the end belongs to it.
const UPID =
  /^UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:([0-9A-Fa-f]{8}):([^:\s/]+):([^:\s/]*):([^:\s/]+):$/

/** Is this a UPID? The answer of a write that started a task is one; of any other write it is null or something else. */
export function isUpid(value: unknown): value is string {
  return typeof value === 'string' && UPID.test(value)
}

/** Reads a UPID. Errors: E_PVE_ANSWER where the text is none. */
export function parseUpid(text: string): Upid {
  const [, node = '', start = '', type = '', id = '', user = ''] = UPID.exec(text) ?? []
  if (node === '') throw new OrionError(`Not a task of Proxmox VE: ${JSON.stringify(text)}`, { code: 'E_PVE_ANSWER' })
  return { text, node, startedAt: new Date(Number.parseInt(start, 16) * 1000), type, id, user }
}
