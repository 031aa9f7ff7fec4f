// How SSH reaches a node or a guest, in the terms of ssh_config(5).
import type { z } from 'zod'
import { parseIp } from '../ip.ts'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, listOf, parsed, text } from './words.ts'

const USER = '[A-Za-z_][A-Za-z0-9_.-]{0,31}'
const HOP = new RegExp(`^(?:${USER}@)?(?:([A-Za-z0-9][A-Za-z0-9._-]{0,252})|\\[([0-9A-Fa-f:.]+)\\])(?::(\\d{1,5}))?$`)

/** A host may be an alias of ~/.ssh/config; an IPv6 address stands in brackets, since colons part it from the port. */
const proxyJump = parsed(
  /^[A-Za-z0-9_.@:,[\]-]{1,1024}$/,
  'none, or hosts to go through such as admin@gate.example.net:22',
  (value) => (value === 'none' || value.split(',').every(isHop) ? value : undefined),
)

function isHop(hop: string): boolean {
  const [whole, , ipv6, port] = HOP.exec(hop) ?? []
  if (whole === undefined || (ipv6 !== undefined && parseIp(ipv6)?.family !== 6)) return false
  return port === undefined || s.port.safeParse(Number(port)).success
}

const identityFile = text(/^(?:~\/|\/)[^\p{Cc}\p{Zl}\p{Zp}]{1,1023}$/u, 'the path of a private key: /path, or ~/path')

export const ssh = fields({
  user: text(new RegExp(`^${USER}$`), 'a user name')
    .exactOptional()
    .describe('Default: as ~/.ssh/config says'),
  port: s.port.exactOptional().describe('Default: as ~/.ssh/config says'),
  identityFile: identityFile.exactOptional().describe('Private key, such as ~/.ssh/id_ed25519'),
  passphrase: secret.exactOptional().describe('Of an encrypted key; without it you are asked'),
  proxyJump: proxyJump.exactOptional().describe('Host to go through, or none'),
  alsoAt: listOf(s.host, 8).exactOptional().describe('Further addresses where SSH answers, for a change of the first'),
}).meta({ id: 'Ssh', description: 'How SSH reaches it; what is left out is as ~/.ssh/config says' })

export type SshInput = z.output<typeof ssh>
