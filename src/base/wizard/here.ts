// What is known before the first question: the starting points, this user's public keys, the time zone of this machine.
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readDocument } from '../../site/document.ts'
import { displayName, readSource } from '../../site/source.ts'
import { startingPoint } from '../paths.ts'
import type { Here, ImportSite, Start } from './question.ts'

/** A machine with two ports, for the lab to be before it has a name. */
const EMPTY_LAB = {
  site: 'home',
  domain: 'home.lan',
  timezone: 'UTC',
  nodes: {
    pve: {
      address: '192.168.1.10',
      gateway: '192.168.1.1',
      ports: { lan: 'eno1', guest: 'eno2' },
      addresses: { lan: '192.168.1.10' },
      hardware: { threads: 16, cores: 8, memory: '64G' },
    },
  },
  networks: { lan: { bridge: 'vmbr0', ipv4: '192.168.1.0/24' }, guest: { bridge: 'vmbr1' } },
}

/** The machine that the lab plays for a starting point. */
export const labSite = ({ name, value }: Start): unknown => (name === 'empty' ? EMPTY_LAB : value)

/** Errors: E_SITE where a starting point cannot be read. */
export async function readHere(lab: boolean, importSite: ImportSite): Promise<Here> {
  const names = ['orion', 'hive', 'federation'] as const
  const starts = await Promise.all(names.map(async (name) => ({ name, value: await readStart(startingPoint(name)) })))
  const address = lab ? EMPTY_LAB.nodes.pve.address : ''
  const empty: Start = { name: 'empty', value: { site: 'home', nodes: { node: { address } } } }
  return { starts: [...starts, empty], keys: await publicKeys(), timezone: timezone(), lab, importSite }
}

async function readStart(file: string): Promise<unknown> {
  return readDocument(await readSource(file), displayName(file)).value
}

/** As the site file names them; none where there is no ~/.ssh. */
async function publicKeys(): Promise<string[]> {
  const names = await readdir(join(homedir(), '.ssh')).catch(() => [])
  const keys = names.filter((name) => /^[\w@.+-]+\.pub$/.test(name) && !name.endsWith('-cert.pub'))
  // ssh tries ed25519 before older ones, and so does an operator.
  return keys
    .sort((a, b) => Number(b.includes('ed25519')) - Number(a.includes('ed25519')) || (a < b ? -1 : 1))
    .map((name) => `~/.ssh/${name}`)
}

const timezone = (): string => new Intl.DateTimeFormat('en').resolvedOptions().timeZone
