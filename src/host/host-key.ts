// Is it really that host? Its key against known_hosts: known, certified, unknown, changed or revoked.
import { createHash } from 'node:crypto'
import { OrionError } from '../errors.ts'
import { parseCertificate, refuseCertificate } from './certificate.ts'
import { errorText } from './failure.ts'
import { addKnown, getHostName, type Known, type KnownKey, readKnown } from './known-hosts.ts'
import { getKeyType } from './wire.ts'

export interface UnknownKey {
  /** As the site file calls it. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** E.g. `ssh-ed25519`. */
  readonly type: string
  /** `SHA256:…`, as ssh-keygen -l shows it. */
  readonly fingerprint: string
}

export interface HostKeyPolicy {
  readonly name: string
  readonly user: string
  readonly host: string
  readonly port: number
  /** HostKeyAlias. */
  readonly alias: string | undefined
  /** The host's other addresses: a key that is known under one of them is known. */
  readonly alsoKnownAs: readonly string[]
  /** known_hosts files; a key that is accepted goes to the first. */
  readonly files: readonly string[]
  readonly trust: ((key: UnknownKey) => Promise<boolean>) | undefined
  readonly advice: HostAdvice
}

/** How a person gets to the host, for advice. */
export interface HostAdvice {
  /** As `ssh -J` takes it: what lies on the way. */
  readonly jump?: string
  /** Where its console is; default `the console of NAME`. */
  readonly console?: string
}

/** Checks keys of one host; reads the files once. */
export interface HostKeys {
  /** What to ask the server for, the known types first: else it may show a key that nobody knows although a known one is there. */
  readonly algorithms: readonly string[]
  /** `certificate`: asks the server for the certificate of its key. Errors: E_HOST_KEY. */
  check(key: Buffer, certificate: (type: string) => Promise<Buffer | undefined>): Promise<void>
}

/** RSA keys sign with SHA-2 only; ssh-rsa as a signature is SHA-1, which OpenSSH gave up as well. */
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']
const toAlgorithms = (type: string) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type])

/** `SHA256:…`, as ssh-keygen -l shows it. */
export const getFingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

export async function readHostKeys(policy: HostKeyPolicy): Promise<HostKeys> {
  const known = await findKnown(policy)
  const first = TYPES.filter((type) => known.keys.some((key) => key.type === type))
  const types = [...first, ...TYPES.filter((type) => !first.includes(type))]
  return {
    algorithms: types.flatMap(toAlgorithms),
    check: async (key, certificate) => await check(policy, known, key, certificate),
  }
}

/** Under its own name; under another address of the same host where its own name is not known. Revoked is revoked under each. */
async function findKnown({ host, port, alias, alsoKnownAs, files }: HostKeyPolicy): Promise<Known> {
  const names = alias ? [alias.toLowerCase()] : [host, ...alsoKnownAs].map((name) => getHostName(name, port))
  const found = await Promise.all([...new Set(names)].map((name) => readKnown(files, name)))
  const own = found.find(({ keys, authorities }) => keys.length + authorities.length > 0)
  return {
    keys: own?.keys ?? [],
    authorities: own?.authorities ?? [],
    revoked: found.flatMap(({ revoked }) => revoked),
  }
}

async function check(
  policy: HostKeyPolicy,
  known: Known,
  key: Buffer,
  certificate: (type: string) => Promise<Buffer | undefined>,
): Promise<void> {
  const type = getKeyType(key)
  const isSame = (entry: KnownKey) => Buffer.from(entry.key, 'base64').equals(key)
  const shown = `${type} ${getFingerprint(key)}`
  const revoked = known.revoked.find(isSame)
  if (revoked) throw refused(policy, `shows a key that is revoked (${revoked.place}): ${shown}`, renew(policy, type))
  if (known.keys.some(isSame)) return
  const problem = known.authorities.length > 0 ? await proveCertified(policy, known, key, certificate) : undefined
  if (known.authorities.length > 0 && problem === undefined) return
  if (known.keys.length > 0) throw changed(policy, known, shown, type)
  if (problem !== undefined)
    throw refused(policy, `is not certified: ${problem}. Its key: ${shown}`, [authorities(known)])
  await askTrust(policy, type, key)
}

const authorities = ({ authorities }: Known) =>
  `the authority that is trusted for it: ${authorities.map(({ place }) => place).join(', ')}`

/** Why not; undefined where a trusted authority vouches for the key. */
async function proveCertified(
  { host, alias }: HostKeyPolicy,
  { authorities, revoked }: Known,
  key: Buffer,
  ask: (type: string) => Promise<Buffer | undefined>,
): Promise<string | undefined> {
  try {
    const blob = await ask(getKeyType(key))
    if (!blob) return 'it has no certificate for this key'
    const now = Math.floor(Date.now() / 1000)
    return refuseCertificate(parseCertificate(blob), { key, host: alias ?? host, authorities, revoked, now })
  } catch (error) {
    return `its certificate cannot be read (${errorText(error)})`
  }
}

function changed(policy: HostKeyPolicy, known: Known, shown: string, type: string): OrionError {
  const sameType = known.keys.filter((entry) => entry.type === type)
  const entries = sameType.length > 0 ? sameType : known.keys
  const lines = entries.map(
    (entry) => `known: ${entry.type} ${getFingerprint(Buffer.from(entry.key, 'base64'))} (${entry.place})`,
  )
  const what =
    sameType.length > 0 ? 'shows another key than the known one' : 'shows a key of a type that is not known of it'
  return refused(policy, `${what}, which may be an attack: ${shown}`, [
    ...lines,
    ...compare(policy, type),
    'if the host was installed anew, remove the known line by hand',
  ])
}

async function askTrust(policy: HostKeyPolicy, type: string, key: Buffer): Promise<void> {
  const { name, host, port, trust, files, user, alias, advice } = policy
  const fingerprint = getFingerprint(key)
  if (trust && (await trust({ name, host, port, type, fingerprint }))) {
    const [file] = files
    if (file) await addKnown(file, alias ?? getHostName(host, port), type, key)
    return
  }
  const jump = advice.jump === undefined ? '' : `-J ${advice.jump} `
  const login = `ssh ${jump}${port === 22 ? '' : `-p ${port} `}${user}@${host}`
  throw refused(policy, `shows a key that is not known: ${type} ${fingerprint}`, [
    ...compare(policy, type),
    `if they are equal, run ${login} once and accept it`,
  ])
}

function compare({ name, advice }: HostKeyPolicy, type: string): string[] {
  return [`compare it on ${advice.console ?? `the console of ${name}`}: ssh-keygen -lf ${keyFile(type)}.pub`]
}

const keyFile = (type: string) => `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key`

function renew({ name }: HostKeyPolicy, type: string): string[] {
  const file = keyFile(type)
  return [
    `give it another key, on the console of ${name}: rm ${file} ${file}.pub; ssh-keygen -A; systemctl restart ssh`,
    'if the key was revoked by mistake, remove that line by hand',
  ]
}

function refused({ name, host, port }: HostKeyPolicy, what: string, suggestions: readonly string[]): OrionError {
  const where = host === name && port === 22 ? name : `${name} (${getHostName(host, port)})`
  return new OrionError(`${where} ${what}`, { code: 'E_HOST_KEY', suggestions })
}
