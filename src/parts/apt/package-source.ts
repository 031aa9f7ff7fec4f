// Where packages come from that Debian does not have, on a host. One file, with the key that signs them in it.
import { template } from '../../render.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Questions } from '../../resources/host-answers.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { trustedKey } from './package-key.ts'

const RELEASE = 'release'
const DISTRIBUTIONS = ['debian', 'ubuntu'] as const

interface Release {
  readonly distribution: string
  /** Its code name, e.g. `trixie`. */
  readonly suite: string
}

/** Who makes the packages. */
export interface Vendor {
  /** One word: of the file, the script that fetches the key, and the resource. */
  readonly name: string
  /** As people write it. */
  readonly title: string
  /** The host that the key comes from. */
  readonly server: string
  /** As the host's shell reads it: it may ask /etc/os-release. */
  readonly keyUrl: string
  /** Of the primary key, in small letters. */
  readonly fingerprint: string
  /** Where an operator puts the key, for a host that does not reach the server. */
  readonly keyFile: string
  readonly place: (release: Release) => { readonly uri: string; readonly suite: string }
}

interface View {
  readonly vendor: string
  readonly uri: string
  readonly suite: string
  /** Lines of the armoured key; an empty one is a dot (deb822). */
  readonly key: readonly string[]
}
const renderSource = template<View>('apt/source')
const renderFetch = template<{ readonly url: string }>('apt/fetch')

type Trusted = (bytes: Buffer) => string | undefined

const fileOf = ({ name }: Vendor): string => `/etc/apt/sources.list.d/${name}.sources`
const questionOf = ({ name }: Vendor): string => `${name}-key`

export function sourceFacts(vendor: Vendor): Facts {
  return { files: [fileOf(vendor)], commands: { [RELEASE]: ['cat', '/etc/os-release'] } }
}

/** Asked of each host of its own; `trusted` stands in for the key's check in tests. */
export function packageSource(vendor: Vendor, host: string, wish: FileSet['wish'], given?: Trusted): FileSet {
  const { name, title, keyUrl, keyFile, fingerprint } = vendor
  const trusted = given ?? ((bytes: Buffer) => trustedKey(bytes, fingerprint))
  const file = fileOf(vendor)
  const fetch = ['sh', '-c', renderFetch({ url: keyUrl }), `orion-${name}-key`, file, keyFile]
  const questions: Questions = { [questionOf(vendor)]: fetch }
  return {
    host,
    name: `${name}-source`,
    title: `package source of ${title} on ${host}`,
    wish,
    questions,
    files: (seen) => [{ path: file, text: sourceText(vendor, seen, trusted) }],
    owned: true,
    problems: (seen) => problemsOf(vendor, seen, trusted),
    check: [['apt-get', 'indextargets', '--format', '$(SITE)']],
    activate: [['timeout', '120', 'apt-get', 'update', '-o', `Dir::Etc::sourcelist=${file}`, ...ONLY_THIS]],
    confirmWithinSeconds: 240,
  }
}

const ONLY_THIS = ['-o', 'Dir::Etc::sourceparts=-', '-o', 'APT::Get::List-Cleanup=0', '-o', 'Acquire::Retries=1']

function sourceText(vendor: Vendor, seen: HostFacts, trusted: Trusted): string {
  const place = vendor.place(releaseOf(seen) ?? { distribution: 'debian', suite: 'stable' })
  const key = (keyOf(vendor, seen, trusted) ?? '').split('\n').map((line) => line || '.')
  return renderSource({ vendor: vendor.title, ...place, key })
}

/** That of the file as it stands, else what the host was asked for. */
function keyOf(vendor: Vendor, seen: HostFacts, trusted: Trusted): string | undefined {
  const standing = /^Signed-By:\n((?: .*\n)+)/m.exec(seen.files.get(fileOf(vendor))?.text ?? '')?.[1]
  if (standing !== undefined) return trusted(Buffer.from(standing.replace(/^ \.?/gm, '')))
  const { code, stdout = '' } = seen.answers?.get(questionOf(vendor)) ?? {}
  return code === 0 ? trusted(Buffer.from(stdout, 'base64')) : undefined
}

function releaseOf(seen: HostFacts): Release | undefined {
  const text = said(seen, RELEASE) ?? ''
  const [, id] = /^ID="?([a-z]+)"?$/m.exec(text) ?? []
  const [, suite] = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text) ?? []
  const distribution = DISTRIBUTIONS.find((one) => one === id)
  return distribution === undefined || suite === undefined ? undefined : { distribution, suite }
}

function problemsOf(vendor: Vendor, seen: HostFacts, trusted: Trusted): readonly string[] {
  const { title, server, keyFile } = vendor
  const file = fileOf(vendor)
  if (releaseOf(seen) === undefined)
    return [`/etc/os-release is neither of Debian nor of Ubuntu: ${title} has no packages for it`]
  if (keyOf(vendor, seen, trusted) !== undefined) return []
  if (seen.files.has(file)) return [`${file} has another key than that of ${title}’s packages: remove it`]
  const isSilent = (seen.answers?.get(questionOf(vendor))?.stdout ?? '') === ''
  const why = isSilent ? `could not be fetched from ${server}` : 'is not the one that orion knows'
  return [`the key of ${title}’s packages ${why}: put it at ${keyFile}`]
}
