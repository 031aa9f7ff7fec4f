// The firewall of a hardened guest: its text, and what it lets in, packet by packet.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { profileSets } from '../../../src/parts/profile/sets.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { run } from '../../hosts/inside.ts'
import { missingForHosts } from '../../hosts/nspawn.ts'
import { Stage } from '../../real/firewall-stage.ts'
import { nic, testGuest, testSite } from '../../resources/test-site.ts'
import { PYTHON, skip } from '../../setup.ts'

const MACS = ['BC:24:11:00:00:01', 'BC:24:11:00:00:02'] as const
const guest = testGuest({
  profile: 'hardened',
  intrusionDetection: true,
  nics: [nic({ mac: MACS[0] }), nic({ index: 1, network: 'sandbox', mac: MACS[1] })],
})
const network = { name: 'lan', bridge: 'vmbr0', vlanAware: false, isolated: false, dns: [] }
const site = testSite({
  guests: [guest],
  networks: [network, { ...network, name: 'sandbox', bridge: 'vmbr2', isolated: true }],
})

function seenOf(names: readonly [string, string]): HostFacts {
  const links = names.map((ifname, at) => ({ ifname, address: MACS[at]?.toLowerCase() }))
  return {
    files: new Map(),
    commands: new Map([['links', { code: 0, stdout: JSON.stringify(links), stderr: '' }]]),
  }
}

function filesOf(names: readonly [string, string] = ['eth0', 'eth1']): readonly { path: string; text: string }[] {
  const { before, after } = profileSets(site, guest, false)
  return [...before, ...after].flatMap((set) => set.files(seenOf(names)).map(({ path, text = '' }) => ({ path, text })))
}

const wall = (names?: readonly [string, string]): string =>
  filesOf(names).find(({ path }) => path.endsWith('guest-firewall.nft'))?.text ?? ''

describe('parts/profile', () => {
  for (const { path, text } of filesOf())
    it(`has ${path} as its golden file`, () => {
      const golden = new URL(`golden/${path.slice(1).replaceAll('/', '_')}`, import.meta.url)
      if (process.env.GOLDEN && !existsSync(golden)) writeFileSync(golden, text)
      assert.equal(text, readFileSync(golden, 'utf8'))
    })

  it('leaves out an interface whose name could break out of its place', () => {
    assert.ok(!wall(['eth0', 'a" accept']).includes('a"'))
  })

  it('gives a router neither firewall nor updates', () => {
    const { packages, before, after } = profileSets(site, guest, true)
    assert.deepEqual(before, [])
    assert.deepEqual(
      after.map(({ name }) => name),
      ['profile-ssh', 'profile-audit', 'profile-suricata'],
    )
    assert.ok(!packages.includes('nftables'))
  })
})

describe('parts/profile/firewall, packet by packet', function () {
  this.timeout(60_000)
  let stage: Stage
  let folder: string
  before(async function () {
    const reason =
      (await missingForHosts()) ?? ((await run([PYTHON, '--version'])).code === 0 ? undefined : 'no Python')
    if (reason) skip(this, reason)
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    stage = new Stage(['bastion', 'admin', 'arena'])
    stage.plug({ from: 'admin', to: 'bastion', at: ['lan0', '10.0.0.40/24'], addresses: ['10.0.0.9/24'] })
    stage.plug({ from: 'arena', to: 'bastion', at: ['box0', '10.66.0.1/24'], addresses: ['10.66.0.30/24'] })
    await stage.ask('bastion', 'serve', { addresses: ['::'], tcp: [22, 80, 443], udp: [] })
    await load()
  })
  after(() => {
    stage?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const load = async (): Promise<void> => {
    const file = join(folder, 'wall.nft')
    writeFileSync(file, wall(['lan0', 'box0']).replaceAll('/etc/orion/guest-firewall.d', join(folder, 'own.d')))
    stage.sh('bastion', 'nft -c -f "$1"; nft -f "$1"', file)
  }
  const answers = async (machine: string, to: string, port: number): Promise<boolean> => {
    const call = stage.dial(machine, { proto: 'tcp', to, port })
    const answer = await Promise.race([call.ended, new Promise((done) => setTimeout(done, 1500))])
    await call.stop()
    return (answer as { peer?: unknown } | undefined)?.peer !== undefined
  }

  it('lets SSH in from a network, and nothing else', async () => {
    assert.equal(await answers('admin', '10.0.0.40', 22), true)
    assert.equal(await answers('admin', '10.0.0.40', 443), false)
  })
  it('lets nobody in from an isolated network', async () => {
    assert.equal(await answers('arena', '10.66.0.1', 22), false)
    assert.equal(await answers('arena', '10.66.0.1', 80), false)
  })
  it('takes rules of the operator from a folder that need not be there', async () => {
    mkdirSync(join(folder, 'own.d'))
    writeFileSync(join(folder, 'own.d', 'web.nft'), 'tcp dport 443 accept\n')
    await load()
    assert.equal(await answers('admin', '10.0.0.40', 443), true)
    assert.equal(await answers('arena', '10.66.0.1', 22), false)
  })
})
