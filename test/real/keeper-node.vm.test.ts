// Proof on a real host with systemd that the Keeper is installed, runs, is mended where somebody stopped it, tells what it did, and
// goes without a trace. The program itself is proved in test/keeper.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator, type Ran } from '../commands/orion.ts'
import { within } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'

const siteText = ({ name, address }: TestHost) => `
site: proof
nodes:
  ${name}: { address: ${address} }
storage:
  disks: { type: dir, path: /srv, content: [images] }
guests:
  idle: { id: 100, cores: 1, memory: 1G, disk: 1G, storage: disks, onboot: false }
keeper:
  temperature: { limit: 80C, resume: 70C }
  shed: [idle]
  metrics: /run/orion-keeper.prom
`

/** smartmontools as far as dpkg is concerned, and a node without guests. */
const PREPARE = `set -e
mkdir -p /tmp/p/DEBIAN /usr/local/bin
printf 'Package: smartmontools\\nVersion: 1\\nArchitecture: all\\nMaintainer: none <none@example.org>\\nDescription: for a test\\n' > /tmp/p/DEBIAN/control
dpkg-deb --build /tmp/p /tmp/p.deb > /dev/null; dpkg -i /tmp/p.deb > /dev/null
printf '#!/bin/sh\\necho "[]"\\n' > /usr/local/bin/pvesh; chmod 755 /usr/local/bin/pvesh`

const UNIT = 'orion-keeper.service'

describe('the Keeper on a real host', function () {
  this.timeout(180_000)
  let host: TestHost
  let operator: Operator
  let site: string

  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'kept' })
    operator = newOperator()
    site = join(operator.home, 'orion.yaml')
    writeFileSync(site, siteText(host))
    mkdirSync(join(operator.home, '.ssh'), { mode: 0o700 })
    const { address, identityFile, knownHosts, proxyCommand } = host
    const config = `Host ${address}\n User root\n IdentityFile ${identityFile}\n IdentitiesOnly yes\n UserKnownHostsFile ${knownHosts}\n ProxyCommand ${proxyCommand}\n`
    writeFileSync(join(operator.home, '.ssh', 'config'), config, { mode: 0o600 })
    await host.must(['sh', '-c', PREPARE])
  })
  after(() => {
    operator?.leave()
    host?.stop()
  })

  const orion = (...args: string[]): Promise<Ran> => operator.run(['keeper', ...args, '--site', site])
  const asserted = (ran: Ran, exit: number): string => {
    assert.equal(ran.exit, exit, `${ran.out}\n${ran.err}`)
    return ran.out + ran.err
  }
  const stateOf = async (property: string): Promise<string> =>
    (await host.must(['systemctl', 'show', '--value', `--property=${property}`, UNIT])).trim()

  it('is installed and runs, and a second run has nothing to do', async () => {
    asserted(await orion('plan'), 3)
    asserted(await orion('apply', '--yes'), 0)
    assert.deepEqual([await stateOf('ActiveState'), await stateOf('UnitFileState')], ['active', 'enabled'])
    assert.match(asserted(await orion('plan'), 0), /0 to create, 0 to change/)
  })

  it('tells what it sees, what it would do, and what it did', async () => {
    const { nodes } = JSON.parse((await orion('status', '--json')).out)
    assert.equal(nodes[0].status.running, true)
    assert.match(asserted(await orion('test', '--temperature', '85C'), 0), /idle \(100\): not (?:running|on this node)/)
    assert.match(asserted(await orion('log'), 0), /start/)
    assert.match(await host.must(['cat', '/run/orion-keeper.prom']), /^orion_keeper_last_run_timestamp_seconds \d+/m)
  })

  it('comes back where it is killed, and is mended where somebody stopped it', async () => {
    const before = await stateOf('MainPID')
    await host.must(['systemctl', 'kill', '--signal=KILL', UNIT])
    await within(30_000, 'another Keeper', async () => {
      const now = await stateOf('MainPID')
      return now !== '0' && now !== before && (await stateOf('ActiveState')) === 'active'
    })
    await host.must(['systemctl', 'disable', '--now', UNIT])
    assert.match(asserted(await orion('plan'), 3), /inactive/)
    asserted(await orion('apply', '--yes'), 0)
    assert.equal(await stateOf('ActiveState'), 'active')
  })

  it('is refused where its own check says no, and the host is as before', async () => {
    await host.must(['sh', '-c', 'mv /usr/bin/perl /usr/bin/perl.away; sed -i s/80/81/ /etc/orion/keeper.json'])
    try {
      asserted(await orion('apply', '--yes'), 4)
      assert.match(await host.must(['cat', '/etc/orion/keeper.json']), /"limit": 81/)
    } finally {
      await host.must(['mv', '/usr/bin/perl.away', '/usr/bin/perl'])
    }
    asserted(await orion('apply', '--yes'), 0)
  })

  it('goes without a trace, by its own undo alone', async () => {
    const { states } = JSON.parse((await orion('undo', host.name, '--list', '--json')).out)
    const first = states.findLast(({ name }: { name: string }) => name === 'keeper')
    const net = await operator.run(['net', 'undo', host.name, '--to', first.id, '--yes', '--site', site])
    assert.match(asserted(net, 2), /of another topic/)
    const shown = asserted(await orion('undo', host.name, '--to', first.id, '--yes'), 0)
    assert.match(shown, /the Keeper for good/)
    assert.doesNotMatch(shown, /use strict/)
    assert.equal(await stateOf('LoadState'), 'not-found')
    const left = await host.must([
      'sh',
      '-c',
      'pgrep -f "[o]rion-keeper run"; find /etc/systemd /etc/orion /usr/local/sbin -name "*keeper*"; :',
    ])
    assert.equal(left, '')
  })
})
