// What a peer is called in the files of BIRD, where a `-` is no part of a name.

/** Of a peer's name in the site file, `[a-z0-9-]`; two of a site never have the same (site/rules). */
export function symbolOf(peer: string): string {
  return peer.replace(/[^A-Za-z0-9_]/g, '_')
}
