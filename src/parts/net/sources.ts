// Proxmox's own package sources of a node: exactly the wanted one is on. Debian's, and everybody else's, are left alone.
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Node } from '../../site/site.ts'
import { type AptEntry, type Fate, getEntries, switchEntries } from './apt-entries.ts'

const MAIN = '/etc/apt/sources.list'
const FOLDER = '/etc/apt/sources.list.d'
const KEYRING = '/usr/share/keyrings/proxmox-archive-keyring.gpg'
const RELEASES = new Map([
  ['bookworm', { test: 'pvetest' }],
  ['trixie', { test: 'pve-test' }],
])

/** What the host's own package source shall be. */
interface Wanted {
  readonly path: string
  readonly uri: string
  readonly suite: string
  readonly component: string
  readonly signedBy: string | undefined
}

export function sourcesFacts({ sources }: Node): Facts {
  if (sources === undefined) return {}
  const commands = { release: ['cat', '/etc/os-release'], 'proxmox-keyring': ['test', '-e', KEYRING] }
  return { files: [MAIN], folders: [FOLDER], commands }
}

/** `sources` of a node; undefined where the site file does not say it. */
export function sources({ name, sources: wanted }: Node, wish: FileSet['wish']): FileSet | undefined {
  if (wanted === undefined) return undefined
  const path = pathOf(wanted)
  return {
    host: name,
    name: 'sources',
    title: `package sources of ${name}`,
    wish,
    files: (seen) => getFiles(getWanted(wanted, seen), seen),
    problems: (seen) => {
      const release = getRelease(seen)
      if (release === undefined) return ['/etc/os-release names no release (VERSION_CODENAME)']
      return RELEASES.has(release)
        ? []
        : [`Proxmox VE of ${release} is not known to orion (known: ${[...RELEASES.keys()].join(', ')})`]
    },
    // Any malformed or contradicting file of the folder stops apt: it says so here, before anything was touched.
    check: [['apt-get', 'indextargets', '--format', '$(SITE)']],
    activate: [['timeout', '120', 'apt-get', 'update', '-o', `Dir::Etc::sourcelist=${path}`, ...ONLY_THIS]],
    confirmWithinSeconds: 240,
  }
}

const ONLY_THIS = ['-o', 'Dir::Etc::sourceparts=-', '-o', 'APT::Get::List-Cleanup=0', '-o', 'Acquire::Retries=1']

function pathOf(wanted: NonNullable<Node['sources']>): string {
  return `${FOLDER}/${wanted === 'enterprise' ? 'pve-enterprise' : 'proxmox'}.sources`
}

function getWanted(wanted: NonNullable<Node['sources']>, seen: HostFacts): Wanted {
  const suite = getRelease(seen) ?? ''
  const test = RELEASES.get(suite)?.test ?? 'pve-test'
  const component = { enterprise: 'pve-enterprise', 'no-subscription': 'pve-no-subscription', test }[wanted]
  const uri =
    wanted === 'enterprise' ? 'https://enterprise.proxmox.com/debian/pve' : 'http://download.proxmox.com/debian/pve'
  // Proxmox VE 8 trusts its key everywhere, without this file.
  const signedBy = seen.commands.get('proxmox-keyring')?.code === 0 ? KEYRING : undefined
  return { path: pathOf(wanted), uri, suite, component, signedBy }
}

function getRelease(seen: HostFacts): string | undefined {
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(said(seen, 'release') ?? '')?.[1]
}

function getFiles(wanted: Wanted, seen: HostFacts): WantedFile[] {
  const isList = (path: string) => path === MAIN || (path.startsWith(`${FOLDER}/`) && /\.(?:list|sources)$/.test(path))
  const others = [...seen.files].flatMap(([path, { text: old, mode }]) => {
    if (path === wanted.path || !isList(path)) return []
    const text = switchEntries(path, old, (entry) => (isRival(entry, wanted) ? 'disable' : 'keep'))
    return text === old ? [] : [{ path, text, mode }]
  })
  return [{ path: wanted.path, text: getOwnText(wanted, seen.files.get(wanted.path)?.text ?? '') }, ...others]
}

/** Orion's file: a stanza that is right already stays as it is; one of Proxmox's that is not becomes the wanted one. */
function getOwnText(wanted: Wanted, text: string): string {
  let right = getEntries(wanted.path, text).some((entry) => isRight(entry, wanted))
  if (!right && !getEntries(wanted.path, text).some((entry) => isOwnProduct(entry))) return append(text, wanted)
  let done = false
  return switchEntries(wanted.path, text, (entry): Fate => {
    const first = !done && (right ? isRight(entry, wanted) : isOwnProduct(entry))
    if (!first) return isRival(entry, wanted) ? 'disable' : 'keep'
    done = true
    if (right) return 'keep'
    right = true
    return { replace: stanzaOf(wanted) }
  })
}

function append(text: string, wanted: Wanted): string {
  const before = text.trim() === '' ? '' : `${text.replace(/\n*$/, '')}\n\n`
  return `${before}${stanzaOf(wanted).join('\n')}\n`
}

function stanzaOf({ uri, suite, component, signedBy }: Wanted): string[] {
  const signed = signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]
  return ['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, `Components: ${component}`, ...signed]
}

function isRight(entry: AptEntry, { uri, suite, component, signedBy }: Wanted): boolean {
  const is = (have: readonly string[], want: string) => have.length === 1 && have[0] === want
  const same = is(entry.types, 'deb') && is(entry.suites, suite) && is(entry.components, component)
  const place = entry.uris.length === 1 && plain(entry.uris[0]) === plain(uri)
  return entry.enabled && same && place && (signedBy === undefined || entry.signedBy !== undefined)
}

function plain(uri = ''): string {
  return uri.replace(/^https?:/, '').replace(/\/+$/, '')
}

/** Of Proxmox VE itself, from one of Proxmox's own servers, on or off. */
function isOwnProduct({ uris, types }: AptEntry): boolean {
  return types.includes('deb') && uris.every((uri) => productOf(uri)?.product === 'pve')
}

/** On, and not to be beside the wanted one: Proxmox VE again, or Ceph that asks for a subscription where there is none. */
function isRival(entry: AptEntry, { component }: Wanted): boolean {
  if (!entry.enabled) return false
  if (isOwnProduct(entry)) return true
  const paid = (uri: string) => {
    const found = productOf(uri)
    return found?.product.startsWith('ceph') === true && found.server === 'enterprise.proxmox.com'
  }
  return component !== 'pve-enterprise' && entry.types.includes('deb') && entry.uris.every(paid)
}

function productOf(uri: string): { server: string; product: string } | undefined {
  const found = /^https?:\/\/((?:[a-z0-9-]+\.)*proxmox\.com)\/debian\/([a-z-]+)/i.exec(uri)
  return found === null
    ? undefined
    : { server: (found[1] ?? '').toLowerCase(), product: (found[2] ?? '').toLowerCase() }
}
