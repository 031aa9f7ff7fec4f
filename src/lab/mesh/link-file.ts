// The file of one link (links/IF.conf), read as strictly as the program that brings it into force.

export interface LinkPeer {
  readonly publicKey: string
  readonly allowed: readonly string[]
  readonly endpoint?: string
  readonly keepalive: number
  /** Name of a file of keys. */
  readonly psk?: { readonly file: string; readonly required: boolean }
}

export interface LinkFile {
  readonly addresses: readonly string[]
  readonly mtu?: number
  readonly port: number
  readonly keyFile: string
  /** Number of the table that gets a route to all that is allowed. */
  readonly table?: number
  readonly peers: readonly LinkPeer[]
}

const KNOWN = {
  Interface: ['Address', 'MTU', 'Table', 'ListenPort', 'PrivateKeyFile'],
  Peer: ['Name', 'PublicKey', 'AllowedIPs', 'Endpoint', 'PersistentKeepalive', 'PresharedKey', 'PresharedKeyFile'],
} as const

interface Section {
  readonly kind: keyof typeof KNOWN
  readonly values: Map<string, string>
}

/** Errors: what is wrong with it, in one line. */
export function readLinkFile(text: string): LinkFile {
  const sections = sectionsOf(text)
  const [first] = sections
  const main = first?.values
  if (first?.kind !== 'Interface' || main === undefined) throw new Error('does not begin with [Interface]')
  const port = Number(main.get('ListenPort'))
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('has no ListenPort')
  const mtu = main.get('MTU')
  if (mtu !== undefined && !(Number(mtu) >= 1280 && Number(mtu) <= 65535)) throw new Error(`MTU ${mtu}`)
  const table = main.get('Table')
  return {
    addresses: listOf(main.get('Address')),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    port,
    keyFile: fileName(main.get('PrivateKeyFile') ?? ''),
    ...(table === undefined || table === 'off' ? {} : { table: Number(table) }),
    peers: sections.slice(1).map(({ values }) => peerOf(values)),
  }
}

function sectionsOf(text: string): Section[] {
  const sections: Section[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const kind = /^\[(Interface|Peer)\]$/.exec(line)?.[1]
    if (kind === 'Interface' || kind === 'Peer') sections.push({ kind, values: new Map() })
    else addValue(sections.at(-1), line)
  }
  return sections
}

function addValue(section: Section | undefined, line: string): void {
  const [, key = '', value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? []
  const known: readonly string[] = section === undefined ? [] : KNOWN[section.kind]
  if (!known.includes(key)) throw new Error(`Line unrecognized: \`${line}'`)
  const before = section?.values.get(key)
  section?.values.set(key, before === undefined ? value : `${before}, ${value}`)
}

function peerOf(values: ReadonlyMap<string, string>): LinkPeer {
  const publicKey = values.get('PublicKey') ?? ''
  if (!/^[A-Za-z0-9+/]{43}=$/.test(publicKey))
    throw new Error(`Key is not the correct length or format: \`${publicKey}'`)
  const [endpoint, psk] = [values.get('Endpoint'), values.get('PresharedKeyFile')]
  if (endpoint !== undefined && !/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(endpoint))
    throw new Error(`Unable to find port of endpoint: \`${endpoint}'`)
  const keepalive = values.get('PersistentKeepalive') ?? '0'
  if (!/^(off|\d{1,5})$/.test(keepalive)) throw new Error(`The persistent keepalive interval must be 0/off or 1-65535`)
  return {
    publicKey,
    allowed: listOf(values.get('AllowedIPs')),
    ...(endpoint === undefined ? {} : { endpoint }),
    keepalive: Number(keepalive === 'off' ? 0 : keepalive),
    ...(psk === undefined ? {} : { psk: { file: fileName(psk.replace(/^-/, '')), required: !psk.startsWith('-') } }),
  }
}

function fileName(text: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(text)) throw new Error(`no name of a file of keys: ${text}`)
  return text
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
}
