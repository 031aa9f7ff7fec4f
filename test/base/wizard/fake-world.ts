// A wizard without a terminal and without hosts: the real rules, and nodes that are plain data.
import { begin, type World } from '../../../src/base/wizard/course.ts'
import { readHere } from '../../../src/base/wizard/here.ts'
import type { Answers, Here } from '../../../src/base/wizard/question.ts'
import { replay } from '../../../src/base/wizard/replay.ts'
import { findingsOf } from '../../../src/base/wizard/world.ts'
import { OrionError } from '../../../src/errors.ts'
import { importSite } from '../../../src/parts/import.ts'
import type { Discovery } from '../../../src/site/discovery.ts'
import { parseSite } from '../../../src/site/load.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b test'

export const parse = (text: string) => parseSite(text, '/site/orion.yaml', { standInKey: KEY })

/** The rules as they are; `nodes` by their name in the starting point, all others answer nothing. */
export function fakeWorld(nodes: Readonly<Record<string, Discovery>> = {}): World {
  return {
    check: (value) => findingsOf(value, parse),
    look: async (key) => {
      const found = nodes[key]
      if (found === undefined) throw new OrionError(`${key} does not answer`, { code: 'E_HOST_UNREACHABLE' })
      return found
    },
  }
}

/** As in the lab: keys need not be there. */
export const here = (): Promise<Here> => readHere(true, importSite)

export const newCourse = async () => begin(await here())

/** The whole way with these answers, everything else as it is offered. */
export const takeAll = async (answers: Answers, world: World) =>
  replay(await here(), { answers, unusable: [] }, world, 'answers.yaml')

/** A host with ORION's address, four ports and what the installer leaves. */
export function foundNode(more: Partial<Discovery> = {}): Discovery {
  const ports = ['eno1', 'eno2', 'eno3', 'eno4'].map((name, at) => ({
    name,
    mac: `02:00:00:00:00:0${at}`,
    isUp: at === 3,
    ...(at === 3 ? { speed: 10_000, master: 'vmbr0' } : {}),
  }))
  return {
    node: 'r730',
    version: '9.1.4',
    others: [],
    address: '192.168.1.10',
    domain: 'orion.lan',
    timezone: 'Europe/Vienna',
    dns: ['192.168.1.1'],
    gateway: '192.168.1.1',
    ports,
    bonds: [],
    bridges: [
      { name: 'vmbr0', ports: ['eno4'], vlanAware: false, addresses: ['192.168.1.10/24'], gateway: '192.168.1.1' },
    ],
    vlans: [],
    storages: [
      storage('local', 'dir', ['iso', 'vztmpl', 'backup'], { path: '/var/lib/vz' }),
      storage('local-zfs', 'zfspool', ['images', 'rootdir'], { pool: 'rpool/data' }),
    ],
    zpools: [{ name: 'rpool', bytes: 2e12, freeBytes: 1e12 }],
    pools: [],
    guests: [],
    devices: [],
    topology: { sockets: 2, cores: 28, threads: 56 },
    memoryBytes: 384 * 2 ** 30,
    mappings: {},
    gaps: [],
    ...more,
  }
}

export function storage(
  name: string,
  type: string,
  content: readonly string[],
  options: Readonly<Record<string, string>>,
) {
  return {
    name,
    type,
    content,
    nodes: [],
    isShared: false,
    isEnabled: true,
    isActive: true,
    freeBytes: 5e11,
    bytes: 1e12,
    options,
  }
}
