// Looks for the mesh's secrets where none may be: in a process's memory, in argument vectors, in files, logs and everything that orion said.
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TestHost } from '../hosts/nspawn.ts'
import { GATEWAYS, type MeshStage } from './mesh-stage.ts'

const KEYS = '/etc/orion/mesh/keys'

export interface Secret {
  /** `HOST/FILE`. */
  readonly name: string
  readonly base64: string
}

const LIST = `cd ${KEYS} && for f in *; do case $f in *.key | *.psk | *.old | *.new) printf '%s %s\\n' "$f" "$(cat "$f")" ;; esac; done`

/** Every private and preshared key of every gateway, as it is now. */
export async function secretsOf({ hosts }: MeshStage): Promise<Secret[]> {
  const each = GATEWAYS.map(async (name) => {
    const rows = (await hosts[name].must(['sh', '-c', LIST])).split('\n').filter(Boolean)
    return rows.map((row) => ({ name: `${name}/${row.split(' ')[0]}`, base64: row.split(' ')[1] ?? '' }))
  })
  return (await Promise.all(each)).flat().filter(({ base64 }) => base64.length === 44)
}

const HALF = 16

/** How a key may stand in memory: half of it is enough. */
function forms(base64: string): readonly Buffer[] {
  const raw = Buffer.from(base64, 'base64')
  const text = base64.slice(0, HALF)
  return [
    raw.subarray(0, HALF),
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
    Buffer.from(raw.toString('hex').slice(0, 2 * HALF)),
  ]
}

/** The names of those that are in there, in any form. */
export function found(secrets: readonly Secret[], places: readonly Buffer[]): string[] {
  const unique = new Map(secrets.map((secret) => [secret.base64, secret]))
  const isIn = ({ base64 }: Secret) => forms(base64).some((form) => places.some((place) => place.includes(form)))
  return [...unique.values()].filter(isIn).map(({ name }) => name)
}

/** Everything that a process has written in its memory, now. Empty where it is gone. */
export function memoryOf(pid: number): Buffer[] {
  const parts: Buffer[] = []
  let file: number
  try {
    file = openSync(`/proc/${pid}/mem`, 'r')
  } catch {
    return []
  }
  try {
    for (const [, from = '', to = ''] of readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^(\w+)-(\w+) rw/gm))
      parts.push(readRegion(file, Number.parseInt(from, 16), Number.parseInt(to, 16)))
  } catch {
    // It ended meanwhile: what was read counts.
  } finally {
    closeSync(file)
  }
  return parts
}

function readRegion(file: number, from: number, to: number): Buffer {
  const buffer = Buffer.alloc(to - from)
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from))
  } catch {
    // A region that the kernel keeps for itself.
    return Buffer.alloc(0)
  }
}

const SPIED = [
  'openssl',
  'wg',
  'wireguard-go',
  'base64',
  'od',
  'tr',
  'awk',
  'sed',
  'cat',
  'cut',
  'ip',
  'systemd-run',
  'logger',
]
const SPY = `#!/bin/sh
{ printf '%s' "\${0##*/}"; printf ' %s' "$@"; echo; export -p; } >>/run/test-spied
exec "/usr/bin/\${0##*/}" "$@"
`
const PUT = `for name do cat /run/spy >/usr/local/sbin/$name; chmod 755 /usr/local/sbin/$name; [ -x /usr/bin/$name ] || rm /usr/local/sbin/$name; done`

/** From now on each call of a program that may be given a secret leaves its arguments and its environment. */
export async function spy(host: TestHost): Promise<void> {
  await host.must(['sh', '-c', 'cat >/run/spy'], { input: SPY })
  await host.must(['sh', '-c', PUT, 'put', ...SPIED])
}

/** What was spied since then; the programs are again as they were. */
export async function spied(host: TestHost): Promise<string> {
  const remove = 'for name do rm -f /usr/local/sbin/$name; done; cat /run/test-spied; rm -f /run/test-spied'
  return host.must(['sh', '-c', remove, 'remove', ...SPIED])
}

/** Paths of a host, but for the keys' own folder, with one of these texts; and `journal` where its log has it. */
export async function leaked(host: TestHost, secrets: readonly Secret[]): Promise<string[]> {
  const words = secrets.flatMap(({ base64 }) => [base64.slice(0, 24), Buffer.from(base64, 'base64').toString('hex')])
  const find = `cat >/dev/shm/words
find /etc /root /run /tmp /usr/local /var -xdev -path ${KEYS} -prune -o -type f -print0 | xargs -0 grep -lFf /dev/shm/words
find /run /tmp -type f -print0 | xargs -0 -r grep -lFf /dev/shm/words
journalctl --no-pager -o cat | grep -qFf /dev/shm/words && echo journal
rm /dev/shm/words`
  const { stdout } = await host.exec(['sh', '-c', find], { input: `${words.join('\n')}\n` })
  return stdout.split('\n').filter(Boolean)
}

/** Every file of the operator's. */
export function filesBelow(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path))
}
