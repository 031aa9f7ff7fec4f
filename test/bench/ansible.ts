// Building ORION's guests and then changing nothing, by orion and by Debian's ansible, side by side on labs started alike.
//
// What keeps it fair, or is in ansible's favour:
// - Each builds into a fresh lab with the same site file, the same pace of tasks, and the same kind of API token.
// - Both make the same guests: sizes, NICs with their MACs, addresses, cloud-init, keys, tags, start order, and start them.
// - ansible gathers no facts, and keeps its default of five forks: every guest is a host of its own, so that guests are made at
//   once, as few playbooks for Proxmox VE do. Pipelining is on.
// - proxmox_kvm cannot import a cloud image: it makes empty disks of the same size. orion downloads the image, checks it, and
//   copies it into every disk. orion also makes its own role, user and token, plans, compares every option, and verifies all;
//   ansible looks only whether a VMID exists.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSite } from '../../src/site/load.ts'
import type { Guest, Nic, Site } from '../../src/site/site.ts'
import { type Ended, orion, run } from '../real/program.ts'
import { ORION_SITE, type Rehearsal, startRehearsal } from '../real/rehearsal.ts'
import { type Figure, median } from './measure.ts'

const PLAYBOOK = fileURLToPath(new URL('playbook.yaml', import.meta.url))
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b bench'
const LEAST_BUILD = 3
const LEAST_NOTHING = 5
const NODE = 'r730'

const address = (family: 'ip' | 'ip6', value: Nic['ipv4'] | Nic['ipv6']): string[] => {
  if (value === undefined) return []
  if (typeof value === 'string') return [`${family}=${value}`]
  const gateway = value.gateway === undefined ? [] : [`${family === 'ip' ? 'gw' : 'gw6'}=${value.gateway}`]
  return [`${family}=${value.cidr}`, ...gateway]
}

const addresses = (nic: Nic): string[] => [...address('ip', nic.ipv4), ...address('ip6', nic.ipv6)]

function indexed(prefix: string, nics: readonly Nic[], text: (nic: Nic) => string): Record<string, string> {
  return Object.fromEntries(nics.map((nic) => [`${prefix}${nic.index}`, text(nic)]))
}

function startup({ order, upSeconds, downSeconds }: NonNullable<Guest['startup']>): string {
  const parts = { order, up: upSeconds, down: downSeconds }
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(',')
}

/** What one guest is to ansible: the variables of its host. */
function variables(guest: Guest): Record<string, unknown> {
  const isVm = guest.kind === 'vm'
  const rest = (nic: Nic) => `bridge=${nic.bridge}${nic.firewall ? ',firewall=1' : ''}`
  const disks = guest.disks.map(({ storage, sizeGib }, index): [string, string] => [
    `scsi${index + 1}`,
    `${storage}:${sizeGib}`,
  ])
  return {
    kind: guest.kind,
    node: guest.node,
    vmid: guest.vmid,
    cores: guest.cores,
    sockets: guest.sockets,
    cpu: guest.cpu,
    memory: guest.memoryMib,
    swap: guest.swapMib,
    storage: guest.storage,
    disks: { [isVm ? 'scsi0' : 'rootfs']: `${guest.storage}:${guest.diskGib}`, ...Object.fromEntries(disks) },
    nets: isVm
      ? indexed('net', guest.nics, (nic) => `${nic.model}=${nic.mac},${rest(nic)}`)
      : indexed('net', guest.nics, (nic) =>
          [`name=eth${nic.index},hwaddr=${nic.mac}`, rest(nic), ...addresses(nic)].join(','),
        ),
    ipconfigs: indexed('ipconfig', guest.nics, (nic) => addresses(nic).join(',')),
    features: Object.keys(guest.features)
      .filter((name) => guest.features[name])
      .map((name) => `${name}=1`),
    uuid: guest.uuid,
    user: guest.user ?? 'admin',
    keys: KEY,
    nameservers: guest.dns,
    tags: ['bench', ...guest.tags],
    description: guest.description ?? guest.name,
    onboot: guest.onboot,
    ...(guest.startup ? { startup: startup(guest.startup) } : {}),
  }
}

/** The inventory as JSON, which is YAML. */
function inventory(site: Site, { access }: Rehearsal, template: string): string {
  const [user, token] = access.token.id.split('!')
  const vars = {
    ansible_connection: 'local',
    ansible_python_interpreter: '/usr/bin/python3',
    api: { host: `${access.host}:${access.port}`, user, token, secret: access.token.secret },
    template,
    template_node: NODE,
  }
  const hosts = Object.fromEntries(site.guests.map((guest) => [guest.name, variables(guest)]))
  return JSON.stringify({ all: { vars, children: { guests: { hosts } } } })
}

function assertEnded(name: string, { code, stdout, stderr }: Ended): void {
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`)
}

async function assertBuilt(name: string, lab: Rehearsal, site: Site): Promise<void> {
  const guests = await lab.get<{ status: string }[]>('/cluster/resources?type=vm')
  const running = guests.filter(({ status }) => status === 'running').length
  if (running !== site.guests.length) throw new Error(`${name}: ${running} of ${site.guests.length} guests run`)
}

/** One builder in a fresh lab: how long building took, and how long having nothing to do. */
async function timed(name: string, site: Site, command: (lab: Rehearsal) => Promise<Ended>): Promise<[number, number]> {
  const lab = await startRehearsal({ site: ORION_SITE, pace: 1 })
  try {
    const first = await command(lab)
    assertEnded(name, first)
    await assertBuilt(name, lab, site)
    const second = await command(lab)
    assertEnded(name, second)
    return [first.ms, second.ms]
  } finally {
    await lab.close()
  }
}

const withOrion = (lab: Rehearsal): Promise<Ended> =>
  orion(['bootstrap', '--site', ORION_SITE, '--lab-dir', lab.dir, '--yes'])

const withAnsible =
  (site: Site, dir: string) =>
  async (lab: Rehearsal): Promise<Ended> => {
    const appliances = await lab.get<{ template: string }[]>(`/nodes/${NODE}/aplinfo`)
    const template = appliances
      .map((one) => one.template)
      .filter((name) => name.startsWith('debian-13-standard'))
      .sort()
      .at(-1)
    const file = join(dir, 'inventory.yaml')
    writeFileSync(file, inventory(site, lab, template ?? ''), { mode: 0o600 })
    return run('/usr/bin/ansible-playbook', ['--inventory', file, PLAYBOOK], {
      env: {
        ANSIBLE_PIPELINING: 'True',
        ANSIBLE_HOME: dir,
        ANSIBLE_LOCAL_TEMP: dir,
        ANSIBLE_LOCALHOST_WARNING: 'False',
      },
      limitMs: 240_000,
    })
  }

/** Alternates between the two, `rounds` times. Errors: where one of the two does not build the site, there is nothing to compare. */
export async function againstAnsible(rounds: number): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'orion-bench-'))
  const times = { orion: [[], []] as [number[], number[]], ansible: [[], []] as [number[], number[]] }
  try {
    const site = await loadSite(ORION_SITE, { standInKey: KEY })
    const commands = { orion: withOrion, ansible: withAnsible(site, dir) }
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['orion', 'ansible'] as const) {
        const [build, nothing] = await timed(name, site, commands[name])
        times[name][0].push(build)
        times[name][1].push(nothing)
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  const [build, nothing] = times.orion.map(median) as [number, number]
  const [ansibleBuild, ansibleNothing] = times.ansible.map(median) as [number, number]
  return [
    { name: 'build the 17 guests of ORION: orion', value: build / 1000, unit: 's' },
    { name: 'build the 17 guests of ORION: ansible', value: ansibleBuild / 1000, unit: 's' },
    { name: 'build: times as fast as ansible', value: ansibleBuild / build, unit: '×', least: LEAST_BUILD },
    { name: 'change nothing: orion', value: nothing / 1000, unit: 's' },
    { name: 'change nothing: ansible', value: ansibleNothing / 1000, unit: 's' },
    {
      name: 'change nothing: times as fast as ansible',
      value: ansibleNothing / nothing,
      unit: '×',
      least: LEAST_NOTHING,
    },
  ]
}
