// Certificates of the API by node, pinned: read on the host itself, over SSH, and kept beside the tokens.
import { changeCredentialFile, type Pin, readCredentialFile } from './credential-file.ts'

/** Fingerprints (SHA-256, `AA:BB:…`) by the node's name in the site file. */
export type Fingerprints = Readonly<Record<string, string>>

/** The pins that are kept for a site. Errors: E_SECRET. */
export async function readPins(path: string, site: string): Promise<Fingerprints> {
  const { pins } = await readCredentialFile(path)
  return Object.fromEntries(pins.filter((pin) => pin.site === site).map(({ node, fingerprint }) => [node, fingerprint]))
}

/** Keeps the pins of these nodes; those of others stay. Writes only where something is new. Errors: E_SECRET. */
export async function keepPins(path: string, site: string, fingerprints: Fingerprints): Promise<void> {
  const known = await readPins(path, site)
  if (Object.entries(fingerprints).every(([node, fingerprint]) => known[node] === fingerprint)) return
  await changeCredentialFile(path, ({ credentials, pins }) => {
    const others = pins.filter((pin) => pin.site !== site || !(pin.node in fingerprints))
    const fresh = Object.entries(fingerprints).map(([node, fingerprint]): Pin => ({ site, node, fingerprint }))
    return { credentials, pins: [...others, ...fresh] }
  })
}

/** What one host says of the certificates: by command name, as in host.ts's Seen. */
export interface SeenCertificates {
  readonly commands: ReadonlyMap<string, { readonly code: number; readonly stdout: string }>
}

// pveproxy takes the operator's own certificate where there is one. /etc/pve is the same on every node of a cluster.
const FILES = ['pveproxy-ssl.pem', 'pve-ssl.pem'] as const

/** The commands that tell the certificates of these nodes, on any node of their cluster; fits host.ts's ReadWish. */
export function getPinCommands(nodes: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const rows = nodes.flatMap((node) => FILES.map((file) => [`${file} ${node}`, getCommand(node, file)] as const))
  return Object.fromEntries(rows)
}

const getCommand = (node: string, file: string) =>
  'openssl x509 -noout -fingerprint -sha256 -in'.split(' ').concat(`/etc/pve/nodes/${node}/${file}`)

/** The fingerprints that those commands told; a node whose certificate could not be read is not in it. */
export function parsePins(nodes: readonly string[], { commands }: SeenCertificates): Fingerprints {
  const rows = nodes.flatMap((node) => {
    const found = FILES.map((file) => parseFingerprint(commands.get(`${file} ${node}`)))
    const first = found.find((fingerprint) => fingerprint !== undefined)
    return first === undefined ? [] : [[node, first] as const]
  })
  return Object.fromEntries(rows)
}

// `sha256 Fingerprint=AA:BB:…`; older ones print SHA256.
function parseFingerprint(output: { code: number; stdout: string } | undefined): string | undefined {
  if (output?.code !== 0) return undefined
  return /Fingerprint=((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\s*$/i.exec(output.stdout)?.[1]?.toUpperCase()
}

/** Compares what was seen with a pin, however they are written. */
export function isSameFingerprint(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll(':', '').toUpperCase()
  return plain(one) === plain(other)
}
