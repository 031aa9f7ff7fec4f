// One real host and its operator, for the tests of `orion net` on real hosts.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newOperator, type Operator, type Ran } from '../commands/orion.ts'
import { OPERATOR } from '../hosts/network.ts'
import type { TestHost } from '../hosts/nspawn.ts'

export const WINDOW_S = 10
/** An address that no host has; the operator's ~/.ssh/config makes it this host's. */
export const ELSEWHERE = '10.77.200.200'

/** How the test hosts look before anything: a bridge with the management address, and comments that nobody may lose. */
export const interfaces = (address: string): string => `# made by hand
auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress ${address}/16
\tgateway ${OPERATOR}
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0
\tbridge-ports-condone-regex ^(tap|veth|fwpr|fwln)
#the way in

iface eno3 inet manual
# the spare port
`

export interface Wish {
  readonly address?: string
  readonly gateway?: string
  readonly lan?: string
  readonly mgmt?: string
  /** Further keys of the node, each on a line of its own. */
  readonly more?: readonly string[]
}

/** A site with this host as its node: vmbr0 as it is, vmbr1 new. */
const siteText = (
  host: TestHost,
  { address = host.address, gateway = OPERATOR, lan = 'eno2', mgmt = 'eno1', more = [] }: Wish,
) => `
site: proof
nodes:
  ${host.name}:
    address: ${address}
    gateway: ${gateway}
    ports: { mgmt: ${mgmt}, lan: ${lan} }
    addresses: { lan: 10.78.0.2 }
${more.map((line) => `    ${line}\n`).join('')}networks:
  mgmt: { bridge: vmbr0, ipv4: 10.77.0.0/16 }
  lan: { bridge: vmbr1, ipv4: 10.78.0.0/24 }
`

/** An operator whose ~/.ssh/config knows the way to this host, also under an address that it does not have. */
export function newOperatorOf(host: TestHost): Operator {
  const operator = newOperator()
  const folder = join(operator.home, '.ssh')
  mkdirSync(folder, { mode: 0o700 })
  const lines = [
    `Host ${ELSEWHERE}`,
    `  HostName ${host.address}`,
    'Host 10.77.*',
    '  User root',
    `  IdentityFile ${host.identityFile}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${host.knownHosts}`,
    `  HostKeyAlias ${host.address}`,
    `  ProxyCommand ${host.proxyCommand}`,
  ]
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`, { mode: 0o600 })
  return operator
}

/** Every file below /etc with its sum, mode and owner; what orion brings along on its first visit, and what ifupdown2 keeps there for itself, is not counted. */
export async function filesOf(host: TestHost): Promise<string> {
  const find =
    "find /etc ! -path '*orion-guard*' ! -name resolv.conf ! -name mtab ! -name ifupdown2_vrf_map.conf \\( -type f -o -type l \\) -printf '%m %U:%G %l ' -exec sh -c 'test -L \"$1\" || sha256sum < \"$1\"' sh {} \\; -printf '%p\\n' | sort"
  return host.must(['sh', '-c', find])
}

export class Stage {
  readonly host: TestHost
  readonly operator: Operator

  constructor(host: TestHost) {
    this.host = host
    this.operator = newOperatorOf(host)
  }

  apply(wish: Wish = {}, by: Operator = this.operator, windowS = WINDOW_S): Promise<Ran> {
    return by.run(this.words(wish, windowS))
  }

  /** The words of an `orion net apply` that asks nothing. */
  words(wish: Wish, windowS: number): string[] {
    return ['net', 'apply', '--yes', '--confirm-within', `${windowS}s`, '--site', this.site(wish)]
  }

  site(wish: Wish): string {
    const file = join(this.operator.home, 'orion.yaml')
    writeFileSync(file, siteText(this.host, wish))
    return file
  }

  /** Waits until the new file is in its place. */
  async swapped(): Promise<void> {
    await this.until(async () => {
      const { stdout } = await this.host.exec(['cat', '/etc/network/interfaces'])
      return stdout.includes('vmbr1')
    })
  }

  /** Waits until the guard has put everything back, seen from inside. */
  async restored(): Promise<void> {
    await this.until(async () => (await this.host.exec(['orion-guard', 'list'])).stdout.includes('restored'))
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 40_000
    while (!(await isSo().catch(() => false))) {
      assert.ok(performance.now() < end, 'waited 40 s')
      await sleep(50)
    }
  }
}

/** What one thing that goes wrong must come to. */
export async function assertAsBefore(stage: Stage, before: string): Promise<void> {
  await stage.host.reachable()
  assert.equal(await filesOf(stage.host), before)
  assert.match(await stage.host.must(['ip', '-br', 'addr', 'show', 'vmbr0']), new RegExp(`${stage.host.address}/16`))
  assert.notEqual((await stage.host.exec(['ip', 'link', 'show', 'vmbr1'])).code, 0)
  assert.match(await stage.host.must(['ip', 'route']), new RegExp(`default via ${OPERATOR} dev vmbr0`))
}
