// Why sessions of GoBGP ended. It keeps no last error, so its last word about each neighbor in the journal is one; in BIRD's words.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { asRecord, parseJson } from './gobgp-json.ts'

const LOG = 'gobgp-log'
// The daemon writes one line of JSON per event.
const PROGRAM = `journalctl -u orion-gobgp.service -o cat --no-pager -n 20000 2>/dev/null | grep -E '"msg":"(sent notification|received notification|Peer Down)"' | tail -n 500`

export const GOBGP_LOG_FACTS: Facts = { commands: { [LOG]: ['sh', '-c', PROGRAM] } }

/** By the neighbors' addresses. Pure. */
export function gobgpErrors(seen: HostFacts): ReadonlyMap<string, string> {
  const lines = (said(seen, LOG) ?? '').split('\n').map((line) => asRecord(parseJson(line)))
  return new Map(
    lines.flatMap((line) => {
      const error = errorOf(line)
      return typeof line.Key === 'string' && error !== undefined ? [[line.Key, error] as const] : []
    }),
  )
}

/** `BGP Error:` before what it told the peer, `Received:` before what the peer told it, `Socket:` where the connection was lost. */
function errorOf({ msg, Code: code, Subcode: subcode, Data: data, Reason: reason }: Record<string, unknown>) {
  if (msg === 'received notification') return `Received: ${nameOf(Number(code), Number(subcode))}`
  // What is wrong with an OPEN it says in words of its own.
  if (msg === 'sent notification' && typeof data === 'string') return sentOf(data)
  if (msg === 'sent notification') return `BGP Error: ${nameOf(Number(code), Number(subcode))}`
  if (msg !== 'Peer Down' || typeof reason !== 'string') return undefined
  const [, way, first, second] = /^notification-(received|sent) code (\d+)\D*? subcode (\d+)/.exec(reason) ?? []
  if (way !== undefined) return `${way === 'sent' ? 'BGP Error' : 'Received'}: ${nameOf(Number(first), Number(second))}`
  if (/^hold-timer-expired/.test(reason)) return 'BGP Error: Hold timer expired'
  return /^(read|write)-failed/.test(reason) ? 'Socket: Connection closed' : undefined
}

function sentOf(data: string): string | undefined {
  if (/^as number mismatch/.test(data)) return 'BGP Error: Bad peer AS'
  return data === '' ? undefined : `BGP Error: ${data}`
}

// RFC 4271 section 6, 4486, 8203, 9234: code, then subcode.
const NAMES: Readonly<Record<string, string>> = {
  '2.1': 'Unsupported version number',
  '2.2': 'Bad peer AS',
  '2.3': 'Bad BGP identifier',
  '2.4': 'Unsupported optional parameter',
  '2.6': 'Unacceptable hold time',
  '2.7': 'Required capability missing',
  '2.11': 'Role mismatch',
  '6.1': 'Maximum number of prefixes reached',
  '6.2': 'Administrative shutdown',
  '6.3': 'Peer de-configured',
  '6.4': 'Administrative reset',
  '6.5': 'Connection rejected',
  '6.6': 'Other configuration change',
  '6.7': 'Connection collision resolution',
  '6.8': 'Out of Resources',
}
const KINDS = ['Invalid message', 'Invalid message header', 'Invalid OPEN', 'Invalid UPDATE', 'Hold timer expired']

function nameOf(code: number, subcode: number): string {
  return NAMES[`${code}.${subcode}`] ?? KINDS[code] ?? `Error ${code}.${subcode}`
}
