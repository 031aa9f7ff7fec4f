// People's devices as the gateways see them that they dial: who was added, and who was there when.
import type { MeshClient } from '../../site/services.ts'
import { FRESH_SECONDS, type Looks } from './status.ts'
import type { Remark } from './status-remarks.ts'

export interface ClientRow {
  readonly client: string
  readonly gateway: string
  /** In the mesh. */
  readonly address: string
  /** `here`: a handshake of less than 180 s. `away`: none, which is no fault. `new`: it was not added yet. `unknown`: nobody answered. */
  readonly state: 'here' | 'away' | 'new' | 'unknown'
  readonly handshakeSeconds?: number
  readonly endpoint?: string
}

/** Pure. Those of the site file whose gateway was asked, in their order. */
export function clientRows(clients: readonly MeshClient[], looks: Looks): readonly ClientRow[] {
  return clients.flatMap(({ name, gateway, address }) =>
    gateway !== undefined && looks.has(gateway)
      ? [{ client: name, gateway, address, ...seenBy(name, gateway, looks) }]
      : [],
  )
}

function seenBy(
  name: string,
  gateway: string,
  looks: Looks,
): Pick<ClientRow, 'state' | 'handshakeSeconds' | 'endpoint'> {
  const look = looks.get(gateway)
  if (look === undefined) return { state: 'unknown' }
  if (!look.clients.has(name)) return { state: 'new' }
  const { handshake = 0, endpoint } = look.clients.get(name) ?? {}
  const where = endpoint === undefined ? {} : { endpoint }
  if (handshake === 0) return { state: 'away', ...where }
  const handshakeSeconds = Math.max(0, look.now - handshake)
  return { state: handshakeSeconds <= FRESH_SECONDS ? 'here' : 'away', handshakeSeconds, ...where }
}

/** Pure. What is left to do for them. */
export function clientRemarks(rows: readonly ClientRow[]): readonly Remark[] {
  const names = rows.filter(({ state }) => state === 'new').map(({ client }) => client)
  const [first] = names
  if (first === undefined) return []
  return [
    { kind: 'warning', text: `not added yet: ${names.join(', ')}`, hint: `orion mesh client add ${first} --new-key` },
  ]
}
