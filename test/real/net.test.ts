// Proof on real hosts that a network change cannot lock the operator out: whatever goes wrong, the host is reachable
// afterwards, its files are byte for byte as before, and orion says so with exit code 4.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { BIN, newOperator, type Operator, type Ran } from '../commands/orion.ts'
import { OPERATOR } from '../hosts/network.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'

const WINDOW_S = 10
/** An address that no host has; the operator's ~/.ssh/config makes it this host's. */
const ELSEWHERE = '10.77.200.200'

/** How the test hosts look before anything: a bridge with the management address, and comments that nobody may lose. */
const interfaces = (address: string): string => `# made by hand
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

interface Wish {
  readonly address?: string
  readonly gateway?: string
  readonly lan?: string
  readonly mgmt?: string
}

/** A site with this host as its node: vmbr0 as it is, vmbr1 new. */
const siteText = (
  host: TestHost,
  { address = host.address, gateway = OPERATOR, lan = 'eno2', mgmt = 'eno1' }: Wish,
) => `
site: proof
nodes:
  ${host.name}:
    address: ${address}
    gateway: ${gateway}
    ports: { mgmt: ${mgmt}, lan: ${lan} }
    addresses: { lan: 10.78.0.2 }
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.77.0.0/16 }
  lan: { bridge: vmbr1, ipv4: 10.78.0.0/24 }
`

/** An operator whose ~/.ssh/config knows the way to this host, also under an address that it does not have. */
function newOperatorOf(host: TestHost): Operator {
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
async function filesOf(host: TestHost): Promise<string> {
  const find =
    "find /etc ! -path '*orion-guard*' ! -name resolv.conf ! -name mtab ! -name ifupdown2_vrf_map.conf \\( -type f -o -type l \\) -printf '%m %U:%G %l ' -exec sh -c 'test -L \"$1\" || sha256sum < \"$1\"' sh {} \\; -printf '%p\\n' | sort"
  return host.must(['sh', '-c', find])
}

class Stage {
  readonly host: TestHost
  readonly operator: Operator

  constructor(host: TestHost) {
    this.host = host
    this.operator = newOperatorOf(host)
  }

  apply(wish: Wish = {}, by: Operator = this.operator): Promise<Ran> {
    return by.run(['net', 'apply', '--yes', '--confirm-within', `${WINDOW_S}s`, '--site', this.site(wish)])
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
async function assertAsBefore(stage: Stage, before: string): Promise<void> {
  await stage.host.reachable()
  assert.equal(await filesOf(stage.host), before)
  assert.match(await stage.host.must(['ip', '-br', 'addr', 'show', 'vmbr0']), new RegExp(`${stage.host.address}/16`))
  assert.notEqual((await stage.host.exec(['ip', 'link', 'show', 'vmbr1'])).code, 0)
  assert.match(await stage.host.must(['ip', 'route']), new RegExp(`default via ${OPERATOR} dev vmbr0`))
}

interface Mishap {
  readonly title: string
  /** Part of what orion says. */
  readonly says: RegExp
  run(stage: Stage): Promise<Ran>
}

const MISHAPS: readonly Mishap[] = [
  {
    title: 'the new file takes away the management address',
    says: /put back/,
    run: (stage) => stage.apply({ address: ELSEWHERE }),
  },
  {
    title: 'the port under the management address becomes another one',
    says: /eno3/,
    run: (stage) => stage.apply({ mgmt: 'eno3' }),
  },
  {
    title: 'a port name with a typo',
    says: /eno22/,
    run: (stage) => stage.apply({ lan: 'eno22' }),
  },
  {
    title: 'a broken stanza',
    says: /interfaces/,
    run: async (stage) => {
      await stage.host.must(['sh', '-c', 'printf "\\niface\\n" >> /etc/network/interfaces'])
      return stage.apply()
    },
  },
  {
    title: 'a wrong gateway',
    says: /gateway/,
    run: (stage) => stage.apply({ gateway: '10.77.77.77' }),
  },
  {
    title: 'the cable of the operator cut for good',
    says: /put.* back/,
    run: async (stage) => {
      const run = stage.apply()
      await stage.swapped()
      stage.host.cable('down')
      const ran = await run
      await stage.restored()
      stage.host.cable('up')
      return ran
    },
  },
  {
    title: 'the host restarted before the confirmation',
    says: /restarted/,
    run: async (stage) => {
      const run = stage.apply()
      await stage.swapped()
      stage.host.cable('down')
      await stage.host.powerFail()
      stage.host.cable('up')
      return run
    },
  },
  {
    title: 'disk full while staging',
    says: /[Nn]o space/,
    run: async (stage) => {
      await stage.host.must(['sh', '-c', 'mkdir -p /var/lib/orion && mount -t tmpfs -o size=16k tmpfs /var/lib/orion'])
      const ran = await stage.apply()
      await stage.host.must(['umount', '/var/lib/orion'])
      return ran
    },
  },
]

describe('a network change on real hosts', function () {
  this.timeout(120_000)
  const stages: Stage[] = []

  async function stage(name: string): Promise<Stage> {
    const made = new Stage(await startHost({ name, interfaces }))
    stages.push(made)
    return made
  }

  before(async function () {
    await withHosts(this)
  })
  afterEach(() => {
    for (const { host, operator } of stages.splice(0)) {
      operator.leave()
      host.stop()
    }
  })

  for (const [index, { title, says, run }] of MISHAPS.entries()) {
    it(`${title}: as before, exit 4`, async () => {
      const one = await stage(`mishap${index}`)
      const changed = title === 'a broken stanza'
      const before = changed ? undefined : await filesOf(one.host)
      const ran = await run(one)
      assert.equal(ran.exit, 4, `${ran.out}\n${ran.err}`)
      assert.match(`${ran.out}\n${ran.err}`, says)
      if (before !== undefined) return assertAsBefore(one, before)
      const own = `${interfaces(one.host.address)}\niface\n`
      assert.equal(await one.host.must(['cat', '/etc/network/interfaces']), own)
    })
  }

  it('orion killed right after the swap: the host restores itself, and the next run does it', async () => {
    const one = await stage('killed')
    const before = await filesOf(one.host)
    const { home } = one.operator
    const args = ['net', 'apply', '--yes', '--confirm-within', `${WINDOW_S}s`, '--site', one.site({})]
    const env = { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') }
    const child = execa(process.execPath, [BIN, ...args], { env, reject: false, stdin: 'ignore', cwd: home })
    await one.swapped()
    child.kill('SIGKILL')
    await child
    const second = await one.apply({ lan: 'eno3' })
    // Confirmed before the kill came through, or put back: what must not be is something between.
    const list = await one.host.must(['orion-guard', 'list'])
    if (/confirmed/.test(list)) return
    assert.equal(second.exit, 4, `${second.out}\n${second.err}`)
    assert.match(`${second.out}\n${second.err}`, /orion net apply/)
    await one.restored()
    await assertAsBefore(one, before)
    const third = await one.apply()
    assert.equal(third.exit, 0, `${third.out}\n${third.err}`)
  })

  it('two orions at once: the second is told who is at it, and changes nothing', async () => {
    const one = await stage('twice')
    const before = await filesOf(one.host)
    const other = newOperatorOf(one.host)
    try {
      const first = one.apply({ gateway: '10.77.77.77' })
      await one.swapped()
      const second = await one.apply({ lan: 'eno3' }, other)
      assert.equal(second.exit, 4, `${second.out}\n${second.err}`)
      assert.match(`${second.out}\n${second.err}`, /orion net apply/)
      assert.equal((await first).exit, 4)
      await assertAsBefore(one, before)
    } finally {
      other.leave()
    }
  })

  it('the good case: bridges up, the ports of guests kept, foreign stanzas too, second run 0 changes, undo', async () => {
    const one = await stage('good')
    const { host } = one
    await host.must(['sh', '-c', 'ip tuntap add tap100i0 mode tap && ip link set tap100i0 master vmbr0 up'])
    const first = await one.apply()
    assert.equal(first.exit, 0, `${first.out}\n${first.err}`)
    assert.match(await host.must(['ip', '-br', 'addr', 'show', 'vmbr1']), /10\.78\.0\.2\/24/)
    assert.match(await host.must(['ip', 'link', 'show', 'eno2']), /master vmbr1/)
    assert.match(await host.must(['ip', 'link', 'show', 'tap100i0']), /master vmbr0/)
    const file = await host.must(['cat', '/etc/network/interfaces'])
    for (const line of ['# made by hand\nauto lo\n', '#the way in\n', '# the spare port\n'])
      assert.ok(file.includes(line))
    const second = await one.apply()
    assert.equal(second.exit, 0)
    assert.match(second.out, /0 to create, 0 to change/)
    const undone = await one.operator.run([
      ...['net', 'undo', host.name, '--yes', '--confirm-within', `${WINDOW_S}s`],
      ...['--site', join(one.operator.home, 'orion.yaml')],
    ])
    assert.equal(undone.exit, 0, `${undone.out}\n${undone.err}`)
    assert.equal(await host.must(['cat', '/etc/network/interfaces']), interfaces(host.address))
    assert.match(await host.must(['ip', 'link', 'show', 'tap100i0']), /master vmbr0/)
  })
})
