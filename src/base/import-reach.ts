// Which host `orion bootstrap import NODE` means, and the ways to it and to the other nodes of its cluster.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OrionError } from '../errors.ts'
import type { Discovery } from '../site/discovery.ts'
import type { Site, Ssh } from '../site/site.ts'
import { openDiscovery, type ReadNode } from './discovery.ts'
import { type Caller, openSiteSession, readSite, type Session, type SiteFlags } from './session.ts'

/** Keys of a node's `ssh` in the site file. */
export interface SshKeys {
  readonly user?: string
  readonly port?: number
  readonly identityFile?: string
  readonly proxyJump?: string
  readonly alsoAt?: string[]
}

export interface Reach {
  /** Of a site that has every node of the cluster under its own name. */
  readonly session: Session
  /** Name of the site file that named it. */
  readonly site?: string
  /** Its hostname. */
  readonly node: string
  readonly first: Discovery
  /** Where SSH and the API answer. */
  readonly address: string
  /** How SSH reaches each node, beside ~/.ssh/config. */
  readonly ssh: ReadonlyMap<string, SshKeys>
  close(): Promise<void>
}

interface Wish {
  readonly node: string
  readonly flags: SiteFlags & { readonly user?: string | undefined }
  readonly caller: Caller
  readonly importer: { readonly read: ReadNode }
}

/** What may stand for a host: a name, an address, `user@…`. */
const TARGET = /^(?:([A-Za-z_][A-Za-z0-9_.-]{0,31})@)?([A-Za-z0-9][A-Za-z0-9.:-]{0,252}|::[0-9A-Fa-f:.]*)$/

/** Errors: E_USAGE for what is no host (with --lab: no node of its site); E_HOST_*, E_PVE_*. */
export async function reach(wish: Wish): Promise<Reach> {
  const { flags, caller } = wish
  const known = await knownSite(wish)
  const target = known === undefined ? await bareTarget(wish) : undefined
  const label = target === undefined ? wish.node : labelOf(target.address)
  const site = known ?? (await bareSite(label, [{ name: label, address: target?.address ?? '' }], target?.ssh ?? {}))
  const session = await openSiteSession(site, flags, caller)
  try {
    const { node, outside } = await openDiscovery(session, label)
    const first = await wish.importer.read(outside, node)
    const own = site.nodes.find(({ name }) => name === label)
    const from = known === undefined ? {} : { site: known.name }
    const way =
      target === undefined ? { address: own?.address ?? first.address, ssh: {} } : await lastingWay(target, first)
    const { alsoAt: _, ...shared } = way.ssh
    const said = new Map(known?.nodes.map(({ name, ssh }) => [name, keysOf(ssh)]))
    const ssh = known ? said : new Map([[node, way.ssh], ...first.others.map(({ name }) => [name, shared] as const)])
    const reached = { node, first, ...from, address: way.address, ssh }
    const names = new Set(site.nodes.map(({ name }) => name))
    if ([node, ...first.others.map(({ name }) => name)].every((name) => names.has(name)))
      return { ...reached, session, close: () => session.close() }
    const others = first.others.map(({ name, address = name }) => ({ name, address }))
    const whole = await bareSite(node, [{ name: node, address: way.address }, ...others], way.ssh)
    const wider = await openSiteSession(whole, flags, caller)
    const close = async () => {
      await wider.close()
      await session.close()
    }
    return { ...reached, session: wider, close }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** What stands in the file is kept; a passphrase is asked for. */
function keysOf({ user, port, identityFile, proxyJump, alsoAt }: Ssh): SshKeys {
  return {
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(identityFile === undefined ? {} : { identityFile }),
    ...(proxyJump === undefined ? {} : { proxyJump }),
    ...(alsoAt.length === 0 ? {} : { alsoAt: [...alsoAt] }),
  }
}

/** What a host is called that nobody knows yet: `192-168-1-10`. */
function labelOf(address: string): string {
  return (
    address
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'node'
  )
}

/** The site file that has NODE; in the lab there is no other way. */
async function knownSite({ node, flags }: Wish): Promise<Site | undefined> {
  const isLab = Boolean(flags.lab || flags['lab-dir'])
  let site: Site
  try {
    site = await readSite(flags)
  } catch (error) {
    if (isLab || flags.site !== undefined || !(error instanceof OrionError) || error.code !== 'E_SITE') throw error
    return undefined
  }
  if (site.nodes.some(({ name }) => name === node)) return site
  if (!isLab) return undefined
  const names = site.nodes.map(({ name }) => name).join(', ')
  throw new OrionError(`the lab of ${site.name} has no node ${node}`, {
    code: 'E_USAGE',
    suggestions: [`its nodes are ${names}`],
  })
}

interface Target {
  readonly address: string
  readonly ssh: SshKeys
}

async function bareTarget({ node, flags }: Wish): Promise<Target> {
  const [, typed, address] = TARGET.exec(node.replace(/^(.*@)?\[(.*)\]$/, '$1$2')) ?? []
  if (address === undefined) {
    throw new OrionError(`${node} is neither a node of the site file nor a host`, {
      code: 'E_USAGE',
      suggestions: ['give an address, a name of DNS or of ~/.ssh/config, such as root@192.168.1.10'],
    })
  }
  const user = flags.user ?? typed
  return { address, ssh: user === undefined ? {} : { user } }
}

/** A name that only ~/.ssh/config knows is none for the API: the host's own address comes first, and the name stays for SSH. */
async function lastingWay({ address, ssh }: Target, first: Discovery): Promise<Target> {
  const resolves =
    isIP(address) !== 0 ||
    (await lookup(address).then(
      () => true,
      () => false,
    ))
  return resolves ? { address, ssh } : { address: first.address, ssh: { ...ssh, alsoAt: [address] } }
}

/** As much as SSH needs. Errors: E_USAGE for a name that no site file takes. */
async function bareSite(
  name: string,
  nodes: readonly { readonly name: string; readonly address: string }[],
  ssh: SshKeys,
): Promise<Site> {
  const { parseSite } = await import('../site/load.ts')
  const way = Object.keys(ssh).length === 0 ? {} : { ssh }
  const entries = nodes.map(({ name: node, address }, at) => {
    const { alsoAt: _, ...shared } = ssh
    return [node, { address, ...(at === 0 ? way : Object.keys(shared).length === 0 ? {} : { ssh: shared }) }]
  })
  try {
    // JSON is YAML.
    return await parseSite(JSON.stringify({ site: name, nodes: Object.fromEntries(entries) }), '/orion.yaml')
  } catch (error) {
    const names = nodes.map(({ address }) => address).join(', ')
    throw new OrionError(`${names} cannot be written into a site file`, {
      code: 'E_USAGE',
      suggestions: ['give an address, or a name that DNS knows'],
      cause: error,
    })
  }
}
