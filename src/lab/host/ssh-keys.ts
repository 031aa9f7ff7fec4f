// The SSH keys of a lab, made once per folder: one per host, one for the operator, and the known_hosts that names them.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'

export interface KeyPair {
  /** As ssh-keygen writes it. */
  readonly private: string
  /** `ssh-ed25519 AAAA… comment` */
  readonly public: string
}

export interface LabKeys {
  readonly operator: KeyPair
  host(name: string): KeyPair
  /** The operator's private key, 0600. */
  readonly identityFile: string
  readonly knownHosts: string
  /** Writes known_hosts for the ports in use. */
  writeKnownHosts(ports: Readonly<Record<string, number>>): Promise<void>
}

/** Reads the keys of a lab folder; what is missing is made (0600, in the folder `ssh`). */
export async function labKeys(dir: string, hosts: readonly string[]): Promise<LabKeys> {
  const folder = join(dir, 'ssh')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const identityFile = join(folder, 'id_ed25519')
  const knownHosts = join(folder, 'known_hosts')
  const operator = await keyPair(identityFile, 'orion-lab')
  const known = new Map<string, KeyPair>()
  for (const name of hosts) {
    known.set(name, await keyPair(join(folder, `host_${encodeURIComponent(name)}_ed25519`), name))
  }
  return {
    operator,
    identityFile,
    knownHosts,
    host(name) {
      const pair = known.get(name)
      if (!pair) throw new Error(`no host key for ${name}`)
      return pair
    },
    async writeKnownHosts(ports) {
      const lines = Object.entries(ports).map(([name, port]) => {
        const [type, blob] = (known.get(name)?.public ?? '').split(' ')
        return `[127.0.0.1]:${port} ${type} ${blob}\n`
      })
      await replace(knownHosts, lines.join(''))
    },
  }
}

async function keyPair(file: string, comment: string): Promise<KeyPair> {
  const kept = await Promise.all([file, `${file}.pub`].map((name) => readFile(name, 'utf8').catch(() => '')))
  const [secret = '', shown = ''] = kept
  if (arePair(secret, shown)) return { private: secret, public: shown.trim() }
  const made = newKey(comment)
  await replace(file, made.private)
  await replace(`${file}.pub`, `${made.public}\n`)
  return made
}

function arePair(secret: string, shown: string): boolean {
  if (secret === '' || shown === '') return false
  const [own, other] = [ssh2.utils.parseKey(secret), ssh2.utils.parseKey(shown)]
  if (own instanceof Error || other instanceof Error) return false
  return own.getPublicSSH().equals(other.getPublicSSH())
}

/** ssh2 now and then makes a pair that it cannot read itself: then another. */
function newKey(comment: string): KeyPair {
  for (;;) {
    const { private: secret, public: shown } = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    if (arePair(secret, shown)) return { private: secret, public: shown }
  }
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
