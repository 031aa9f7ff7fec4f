// Ten hosts of the lab over real SSH: how often a run connects to each of them, and how much it asks.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostRecord } from '../../src/lab/host/serve-hosts.ts'
import { newFolder } from '../lab/lab-site.ts'
import { type Ended, orion } from './program.ts'
import { startRehearsal } from './rehearsal.ts'

export const HOSTS = 10
/** What a run with nothing to do may take of each host. */
export const MOST_CONNECTIONS = 1
export const MOST_TRIPS = 3

/** Every topic that a node can have: each one reads something of its own. */
function siteText(): string {
  const nodes = Array.from({ length: HOSTS }, (_, index) => {
    const own = index + 11
    return `  n${index + 1}:
    address: 10.99.0.${own}
    gateway: 10.99.0.1
    ports: { mgmt: eno1, lan: eno2 }
    addresses: { lan: 10.98.0.${own} }
    hardware: { memory: 64G }
    zram: { size: 25%, priority: 100 }
    zfs: { arcMax: 8G }`
  })
  return `site: trips
timezone: Europe/Berlin
defaults:
  node:
    sources: no-subscription
    packages: [nvme-cli]
    sysctl: { vm.swappiness: 10 }
nodes:
${nodes.join('\n')}
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.99.0.0/24 }
  lan: { bridge: vmbr1, ipv4: 10.98.0.0/24 }
`
}

/** What one run asked of one host. */
export interface Asked {
  readonly node: string
  readonly connections: number
  /** One command over SSH is one round trip. */
  readonly trips: number
}

export interface Trips {
  /** The run that built everything. */
  readonly building: Ended
  /** The run after it. */
  readonly idle: Ended
  /** Every host, as the second run asked it. */
  readonly asked: readonly Asked[]
}

/** Builds the site, and runs it once more. A run that fails is in its `code`. */
export async function countTrips(): Promise<Trips> {
  const folder = await newFolder()
  const file = join(folder, 'orion.yaml')
  writeFileSync(file, siteText())
  let records: HostRecord[] = []
  try {
    const lab = await startRehearsal({ site: file, built: false, recordHost: (entry) => void records.push(entry) })
    try {
      const apply = () => orion(['net', 'apply', '--yes', '--site', file, '--lab-dir', lab.dir])
      const building = await apply()
      records = []
      const idle = await apply()
      return { building, idle, asked: perHost(records) }
    } finally {
      await lab.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function perHost(records: readonly HostRecord[]): Asked[] {
  return Array.from({ length: HOSTS }, (_, index) => {
    const own = records.filter(({ node }) => node === `n${index + 1}`)
    const trips = own.filter(({ line }) => line !== undefined).length
    return { node: `n${index + 1}`, connections: own.length - trips, trips }
  })
}
