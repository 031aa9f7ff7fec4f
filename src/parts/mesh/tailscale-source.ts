// Where Tailscale's packages come from, on a host: Debian has none.
import type { FileSet } from '../../resources/file-set.ts'
import { packageSource, sourceFacts, type Vendor } from '../apt/package-source.ts'

const TAILSCALE: Vendor = {
  name: 'tailscale',
  title: 'Tailscale',
  server: 'pkgs.tailscale.com',
  keyUrl: 'https://pkgs.tailscale.com/stable/$(. /etc/os-release; echo "$ID/$VERSION_CODENAME").noarmor.gpg',
  fingerprint: '2596a99eaab33821893c0a79458ca832957f5868',
  keyFile: '/etc/orion/tailscale/archive-key.gpg',
  place: ({ distribution, suite }) => ({ uri: `https://pkgs.tailscale.com/stable/${distribution}`, suite }),
}

export const SOURCE_FACTS = sourceFacts(TAILSCALE)

/** Asked of each host of its own; `trusted` stands in for the key's check in tests. */
export function tailscaleSource(
  host: string,
  wish: FileSet['wish'],
  trusted?: (bytes: Buffer) => string | undefined,
): FileSet {
  return packageSource(TAILSCALE, host, wish, trusted)
}
