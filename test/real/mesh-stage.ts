// The federation of templates/sites/federation.yaml on real hosts: five sites on one wide-area wire, one of them behind NAT; the built orion from outside.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator } from '../commands/orion.ts'
import { makeRig, type Rig } from '../daemons/rig.ts'
import { HUB } from '../hosts/network.ts'
import { startHost, type TestHost } from '../hosts/nspawn.ts'
import { type Ended, type Running, startOrion } from './program.ts'

export const GATEWAYS = ['van-1', 'kel-1', 'fra-1', 'sin-1', 'rey-1'] as const
export type GatewayName = (typeof GATEWAYS)[number]
type NodeName = GatewayName | 'van-2'

/** As in the site file: each site's own network and the address of its node there. */
export const OWN: Readonly<Record<NodeName, string>> = {
  'van-1': '10.1.0.11',
  'van-2': '10.1.0.12',
  'kel-1': '10.2.0.11',
  'fra-1': '10.3.0.11',
  'sin-1': '10.4.0.11',
  'rey-1': '10.5.0.11',
}
/** On the wide-area wire. Singapore is reached over IPv6 alone, Reykjavik not at all. */
const WIDE: Readonly<Partial<Record<NodeName, string>>> = {
  'van-1': '198.18.0.1',
  'kel-1': '198.18.0.2',
  'fra-1': '198.18.0.3',
  'sin-1': '198.18.0.4',
}
const SINGAPORE = 'fd18::4'
const FEDERATION = new URL('../../templates/sites/federation.yaml', import.meta.url)

/** The federation's own file, but for one node less and an endpoint that is an address. */
const federation = (): string =>
  readFileSync(FEDERATION, 'utf8')
    .replace(/^ *van-3: .*\n/m, '')
    .replace('endpoint: sin.fed.example.net', `endpoint: "${SINGAPORE}"`)

/** How a host's text differs from the others': which of the site file's words are others. */
export type Edit = (site: string) => string

export interface MeshStage {
  readonly operator: Operator
  readonly hosts: Readonly<Record<NodeName, TestHost>>
  /** `orion WORDS --site FILE`, the site file changed by `edit`. Still running: to be killed or looked into. */
  start(words: readonly string[], edit?: Edit): Running
  /** The same, to its end. */
  orion(words: readonly string[], edit?: Edit): Promise<Ended>
  close(): Promise<void>
}

const LIMIT_MS = 300_000
const REACHABLE_BY_NAT = '100.64.0.1'

/** The management wire, the site's own network, the wide-area wire. */
function interfaces(name: NodeName, address: string): string {
  const wide = WIDE[name]
  // Only Vancouver has a second machine on its network: elsewhere the bridge has no port.
  const ports = name.startsWith('van') ? 'eno2' : 'none'
  const stanzas = [
    'auto lo\niface lo inet loopback',
    `auto eno1\niface eno1 inet static\n\taddress ${address}/16`,
    `auto vmbr0\niface vmbr0 inet static\n\taddress ${OWN[name]}/24\n\tbridge-ports ${ports}\n\tbridge-stp off\n\tbridge-fd 0`,
  ]
  if (wide !== undefined)
    stanzas.push(
      `auto eno3\niface eno3 inet static\n\taddress ${wide}/24`,
      `iface eno3 inet6 static\n\taddress fd18::${wide.at(-1)}/64`,
    )
  if (name === 'rey-1')
    stanzas.push(
      `auto eno3\niface eno3 inet static\n\taddress 100.64.0.5/24\n\tgateway ${REACHABLE_BY_NAT}`,
      'iface eno3 inet6 static\n\taddress fd64::5/64\n\tgateway fd64::1',
    )
  return `${stanzas.join('\n\n')}\n`
}

const HOSTS_FILE = (['van', 'kel', 'fra'] as const)
  .map((site) => `${WIDE[`${site}-1`]} ${site}.fed.example.net\n`)
  .join('')

const NAT = `table inet nat {
  chain out {
    type nat hook postrouting priority srcnat;
    oifname "wan" masquerade
  }
  chain through {
    type filter hook forward priority filter; policy drop;
    iifname "lan" accept
    ct state established,related accept
  }
}
`

/** The provider's NAT before Reykjavik: out and back, nothing comes in by itself. */
async function startNat(rig: Rig): Promise<void> {
  const nat = rig.space('nat')
  const hub = { namespace: HUB }
  rig.cable(
    { space: hub, name: 'nat-out', bridge: 'wan' },
    { space: nat, name: 'wan', addresses: ['198.18.0.99/24', 'fd18::99/64'] },
  )
  rig.cable(
    { space: hub, name: 'nat-in', bridge: 'behind' },
    { space: nat, name: 'lan', addresses: [`${REACHABLE_BY_NAT}/24`, 'fd64::1/64'] },
  )
  await nat.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
  await nat.must(['nft', '-f', nat.write('nat.nft', NAT)])
}

async function startNode(name: NodeName): Promise<TestHost> {
  const bridges = ['mgmt', 'lan', name === 'rey-1' ? 'behind' : 'wan']
  const host = await startHost({ name, bridges, interfaces: (address) => interfaces(name, address) })
  await host.must(['sh', '-c', 'cat >>/etc/hosts'], { input: HOSTS_FILE })
  return host
}

/** The nodes' addresses are those of their own networks: the operator has another way to them. */
function writeConfig({ home }: Operator, hosts: readonly TestHost[]): void {
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  const lines = hosts.flatMap((host) => [
    `Host ${OWN[host.name as NodeName]}`,
    `  HostName ${host.address}`,
    `  HostKeyAlias ${host.address}`,
    `  UserKnownHostsFile ${host.knownHosts}`,
    `  ProxyCommand ${host.proxyCommand}`,
    `  IdentityFile ${host.identityFile}`,
  ])
  const all = ['Host *', '  User root', '  IdentitiesOnly yes']
  writeFileSync(join(home, '.ssh/config'), `${[...lines, ...all].join('\n')}\n`, { mode: 0o600 })
}

export async function openMeshStage(): Promise<MeshStage> {
  const rig = makeRig('mesh')
  const started: TestHost[] = []
  const operator = newOperator()
  const close = async () => {
    operator.leave()
    for (const host of started) host.stop()
    await rig.close()
  }
  try {
    const names: readonly NodeName[] = [...GATEWAYS, 'van-2']
    await Promise.all(names.map(async (name) => started.push(await startNode(name))))
    await startNat(rig)
    writeConfig(operator, started)
    return makeStage(operator, started, close)
  } catch (error) {
    await close()
    throw error
  }
}

function makeStage(operator: Operator, started: readonly TestHost[], close: MeshStage['close']): MeshStage {
  const { home } = operator
  const hosts = Object.fromEntries(started.map((host) => [host.name, host])) as MeshStage['hosts']
  const start: MeshStage['start'] = (words, edit = (site) => site) => {
    const file = join(home, 'federation.yaml')
    writeFileSync(file, edit(federation()))
    const env = { HOME: home, XDG_STATE_HOME: `${home}/state`, XDG_CONFIG_HOME: `${home}/config`, SSH_AUTH_SOCK: '' }
    return startOrion([...words, '--site', file], { cwd: home, env, limitMs: LIMIT_MS })
  }
  return { operator, hosts, start, orion: (words, edit) => start(words, edit).ended, close }
}
