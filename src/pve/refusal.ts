// What Proxmox VE says instead of an answer, as an error with a code. Most of its errors are 500: the text decides.
import { type Code, type ErrorOptions, OrionError } from '../errors.ts'
import { parseJson } from './answer.ts'
import type { Answer } from './exchange.ts'
import { redact } from './redaction.ts'
import type { Request } from './request.ts'

/** The lock of a guest, a storage or a file of pmxcfs could not be had, or somebody else changed the thing meanwhile. */
const BUSY =
  /can't (lock file|lock storage|(get|acquire) .*lock)|unable to (get|acquire) .*lock|\block\b.{0,40}time(d )?-?out|is locked \(|trying to acquire (cfs )?lock|error with cfs lock|checksum mismatch \(file change|detected modified configuration/i
const ROOT = /only root( can|@pam)|only allowed for root@pam|user != root@pam|root@pam only|for root user only/i
const MISSING = /does(n't| not) exist|\bno such (?!file or directory|device)|(?<!command .{0,80})\bnot found\b/i
/** Made meanwhile: by somebody else, or by a write of ours whose answer was lost and that came later. Looking again tells. */
const EXISTS = /\balready (exists|defined)\b/i
const PRIVILEGE = /Permission check failed \((\/[^,)\s]*)(?:,\s*([^)]+))?\)/i
/** Nothing reached the node behind pveproxy. */
const UNREACHED = 595
/** The way to the other node broke, or a proxy in between gave up: whether the write happened is unknown. */
const LOST = new Set([502, 503, 504, 596, 597, 598, 599])

/** Statuses after which a read is tried again. */
export const TRANSIENT: ReadonlySet<number> = new Set([UNREACHED, ...LOST])

/** Which code a text of Proxmox VE means where its status says only "error"; undefined = no pattern knows it. */
export function recognise(text: string): Code | undefined {
  if (ROOT.test(text)) return 'E_PVE_DENIED'
  if (BUSY.test(text)) return 'E_PVE_BUSY'
  if (PRIVILEGE.test(text)) return 'E_PVE_DENIED'
  if (MISSING.test(text)) return 'E_PVE_NOT_FOUND'
  return undefined
}

/** The error for an answer that is not 2xx. Secrets of the request (and those given) never stand in it. */
export function toRefusal(
  request: Request,
  answer: Answer,
  cluster: string,
  secrets: readonly string[] = [],
): OrionError {
  const { text, errors } = readReason(answer)
  const known = [...request.secrets, ...secrets]
  const tell = (value: string) => redact(value, known).trim().slice(0, 4000)
  const write = request.method !== 'GET'
  const options = getOptions(answer.status, text, errors !== undefined, write)
  const lines = Object.entries(errors ?? {}).map(
    ([name, why]) => `\n  ${tell(name)}: ${tell(why).replace(/\s*\n\s*/g, '; ')}`,
  )
  const said = lines.length > 0 ? lines.join('') : ` ${tell(text) || 'no reason given'}`
  return new OrionError(`${cluster}: ${request.title} → ${answer.status}${lines.length > 0 ? '' : ':'}${said}`, {
    ...options,
    suggestions: getSuggestions(options.code, answer.status, text),
  })
}

// Newer versions say it in `message`, older ones only in the reason phrase; a 401 has no body at all.
function readReason({ contentType, text, reason }: Answer): { text: string; errors?: Record<string, string> } {
  const body = /json/i.test(contentType) ? parseJson(text) : undefined
  if (typeof body !== 'object' || body === null) return { text: reason }
  const message = 'message' in body && typeof body.message === 'string' ? body.message : reason
  if (!('errors' in body) || typeof body.errors !== 'object' || body.errors === null) return { text: message }
  const errors = Object.entries(body.errors).map(([name, why]) => [name, String(why)] as const)
  return errors.length > 0 ? { text: message, errors: Object.fromEntries(errors) } : { text: message }
}

function getOptions(status: number, text: string, perParameter: boolean, write: boolean): ErrorOptions {
  if (status === 401) return { code: 'E_PVE_AUTH' }
  if (status === 403) return { code: 'E_PVE_DENIED' }
  if (status === UNREACHED) return { code: 'E_PVE_UNREACHABLE', recheck: write }
  if (LOST.has(status)) return write ? { code: 'E_PVE_LOST', recheck: true } : { code: 'E_PVE_UNREACHABLE' }
  if (status === 404) return { code: 'E_PVE_NOT_FOUND' }
  const code = recognise(text)
  if (status === 400 || perParameter) return { code: code === 'E_PVE_DENIED' ? code : 'E_PVE_PARAMETERS' }
  if (code === undefined) return { code: 'E_PVE_ANSWER', recheck: write && EXISTS.test(text) }
  return { code, recheck: code === 'E_PVE_BUSY' }
}

function getSuggestions(code: Code, status: number, text: string): string[] {
  if (code === 'E_PVE_DENIED' && ROOT.test(text)) {
    return ['Only root@pam itself may do this, no token: it needs the root channel (SSH to the node)']
  }
  if (code === 'E_PVE_DENIED') return [getPrivilegeHint(text)]
  if (code === 'E_PVE_AUTH') {
    return ['Check the id and the secret of the token (or user, realm and password), and that it has not expired']
  }
  if (code === 'E_PVE_UNREACHABLE') return ['The node that answers cannot reach the one that is meant: is that one up?']
  if (/hostname lookup .* failed/i.test(text))
    return ['Is the name of the node in the site file its name in Proxmox VE?']
  if (status === 501) return ['This version of Proxmox VE does not know the call']
  return []
}

function getPrivilegeHint(text: string): string {
  const [, path, privileges] = PRIVILEGE.exec(text) ?? []
  if (path === undefined) return 'Compare the privileges of the user and of its token (Datacenter → Permissions)'
  const needed = privileges?.replaceAll('|', ' or ') ?? 'a privilege'
  return `Missing: ${needed} on ${path}. A token with privilege separation needs its own entry there, as well as its user`
}
