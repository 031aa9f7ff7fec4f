// The file tree of the test hosts: made once by rootfs.sh, kept in the user's cache, named by the recipe's hash.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CACHE_HOME } from '../setup.ts'

const exec = promisify(execFile)

const CACHE = join(CACHE_HOME, 'orion-test')
const RECIPE = fileURLToPath(new URL('rootfs.sh', import.meta.url))
const BUILD_LIMIT_MS = 9 * 60_000

export interface Rootfs {
  /** The tree; read-only by custom: hosts lay their own files over it. */
  readonly root: string
  /** The private key that every host lets in as root. */
  readonly identityFile: string
  /** The hosts' keys as known_hosts wants them, without the address. */
  readonly hostKeys: readonly string[]
}

/** Where the tree is, made first where it is not there yet (about a minute; one maker at a time). */
export async function rootfs(): Promise<Rootfs> {
  const target = join(CACHE, `trixie-${createHash('sha256').update(readFileSync(RECIPE)).digest('hex').slice(0, 12)}`)
  mkdirSync(CACHE, { recursive: true })
  await exec('flock', ['--wait', '540', join(CACHE, 'lock'), 'sh', RECIPE, target], {
    timeout: BUILD_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  })
  const keys = ['ed25519', 'ecdsa', 'rsa'].map((kind) =>
    readFileSync(join(target, 'root/etc/ssh', `ssh_host_${kind}_key.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' '),
  )
  return { root: join(target, 'root'), identityFile: join(target, 'id'), hostKeys: keys }
}
