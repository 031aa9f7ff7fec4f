// Builds site files as text, and loads them without touching the disk.
import { parseSite } from '../../src/site/load.ts'
import type { Guest, Site } from '../../src/site/site.ts'
import { SiteError } from '../../src/site/site-error.ts'

/** A public key of the right form that nobody has the private half of. */
export const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')} test`

const PARTS = {
  site: 'site: test',
  nodes: 'nodes: { n1: { address: 10.0.0.2, gateway: 10.0.0.1 } }',
  networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }',
  storage: 'storage: { disks: { type: dir, path: /srv, content: [images, rootdir, import, vztmpl, iso, snippets] } }',
  images: "images: { vm: { volume: 'disks:import/x.qcow2' }, ct: { template: debian-13 } }",
  defaults: 'defaults: { guest: { storage: disks, memory: 1G, disk: 8G, image: vm } }',
  guests: 'guests: {}',
}

/** A small site file; each part can be replaced, `rest` comes at the end. */
export function siteText(parts: Partial<typeof PARTS> & { rest?: string } = {}): string {
  const { rest = '', ...own } = parts
  return `${[...Object.values({ ...PARTS, ...own }), rest].filter((part) => part !== '').join('\n')}\n`
}

export async function parse(text: string, options: { home?: string; standInKey?: string } = {}): Promise<Site> {
  return await parseSite(text, '/nowhere/orion.yaml', options)
}

/** The findings of a file that must not load. Anything else than a SiteError is thrown on. */
export async function failureOf(text: string): Promise<SiteError> {
  try {
    await parse(text)
  } catch (error) {
    if (error instanceof SiteError) return error
    throw error
  }
  throw new Error('loaded without an error')
}

/** `LINE:COLUMN PATH: MESSAGE` of each error and warning. */
export async function findingsOf(text: string): Promise<string[]> {
  const { findings } = await failureOf(text)
  return findings.map(
    ({ line, column, path, severity, message }) =>
      `${line}:${column} ${path.join('.')}: ${severity === 'warning' ? 'warning: ' : ''}${message}`,
  )
}

export async function guestsOf(guests: string, parts: Parameters<typeof siteText>[0] = {}): Promise<readonly Guest[]> {
  return (await parse(siteText({ guests: `guests: ${guests}`, ...parts }))).guests
}
