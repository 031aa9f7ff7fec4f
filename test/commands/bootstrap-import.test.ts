// orion bootstrap import as it is typed: over SSH alone, by a name of ~/.ssh/config, and what it does with files that are there.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findLab } from '../../src/lab/lab.ts'
import type { LabAccess } from '../../src/lab/lab-files.ts'
import { BIN, newOperator, type Operator } from './orion.ts'
import { openLabFor } from './rehearsal.ts'

const SITE = `site: small
nodes: { n1: { address: 127.0.0.1, ports: { lan: eno1 }, hardware: { threads: 8, memory: 32G } } }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir], sparse: true } }
guests: { old: { id: 100, memory: 1G, disk: 8G, storage: local-zfs, nics: { lan: none } } }
`

describe('orion bootstrap import', function () {
  this.timeout(90_000)
  let operator: Operator
  let lab: LabAccess
  let dir: string
  const file = () => join(operator.home, 'orion.yaml')

  before(async () => {
    operator = newOperator()
    dir = join(operator.home, 'node')
    const made = join(operator.home, 'made.yaml')
    writeFileSync(made, SITE)
    await openLabFor(made, dir, [process.execPath, BIN, 'lab', '--serve'])
    const found = await findLab(dir)
    assert.ok(found?.hosts.n1)
    lab = found
    const ssh = join(operator.home, '.ssh')
    mkdirSync(ssh)
    copyFileSync(lab.knownHosts, join(ssh, 'known_hosts'))
    const { port } = found.hosts.n1
    writeFileSync(
      join(ssh, 'config'),
      `Host pve\n  HostName 127.0.0.1\n  User root\n  Port ${port}\n  IdentityFile ${lab.identityFile}\n`,
    )
    // A guest that orion itself made is as good as any other.
    const built = await operator.run(['vm', 'apply', '--site', made, '--lab-dir', dir, '--yes'])
    assert.equal(built.exit, 0, built.err)
  })
  after(() => operator.leave())

  it('writes the file by a name of ~/.ssh/config, and says what to type next', async () => {
    const ran = await operator.run(['bootstrap', 'import', 'pve'])
    assert.equal(ran.exit, 0, ran.err)
    assert.match(ran.out, /n1 \(Proxmox VE 9/)
    assert.match(ran.out, /all =/)
    assert.match(ran.out, /bootstrap plan --site orion\.yaml/)
    const text = readFileSync(file(), 'utf8')
    assert.match(text, /^# yaml-language-server: \$schema=/)
    assert.match(text, /alsoAt: \[? ?pve/, 'the name stays for SSH, as no API answers to it')
    assert.match(text, / {2}old:\n {4}id: 100\n {4}adopted: true/)
    assert.doesNotMatch(text, /orion-small/)
  })

  it('says the same a second time, and asks before it replaces another file', async () => {
    const again = await operator.run(['bootstrap', 'import', 'pve'])
    assert.equal(again.exit, 0, again.err)
    assert.match(again.err, /orion\.yaml is as it was/)
    writeFileSync(file(), `${readFileSync(file(), 'utf8')}# mine\n`)
    const refused = await operator.run(['bootstrap', 'import', 'pve'])
    assert.equal(refused.exit, 2)
    assert.match(refused.err, /-# mine/)
    assert.match(refused.err, /--yes replaces it/)
    assert.match(readFileSync(file(), 'utf8'), /# mine/)
    assert.equal((await operator.run(['bootstrap', 'import', 'pve', '--yes'])).exit, 0)
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /# mine/)
  })

  it('gives one JSON document', async () => {
    const { exit, out, err } = await operator.run(['bootstrap', 'import', 'pve', '--out', 'other.yaml', '--json'])
    assert.equal(exit, 0, err)
    assert.equal(err, '')
    const document = JSON.parse(out)
    assert.deepEqual(
      { ...document, warnings: [] },
      {
        file: join(operator.home, 'other.yaml'),
        state: 'written',
        site: 'n1',
        nodes: ['n1'],
        guests: 1,
        warnings: [],
        differences: [],
      },
    )
  })

  it('rehearses it in the lab, and the plan right after it has nothing to do but orion’s own access', async () => {
    const made = join(operator.home, 'made.yaml')
    const out = ['--out', 'lab.yaml']
    const ran = await operator.run(['bootstrap', 'import', 'n1', '--site', made, '--lab-dir', dir, ...out])
    assert.equal(ran.exit, 0, ran.err)
    const plan = await operator.run(['bootstrap', 'plan', '--site', 'lab.yaml', '--lab-dir', dir, '--json'])
    const { steps } = JSON.parse(plan.out).plan
    const left = steps.filter(({ verb }: { verb: string }) => verb !== 'keep')
    assert.deepEqual(
      left.filter(({ id }: { id: string }) => !/^(role|user|acl|token):/.test(id)),
      [],
    )
    assert.ok(steps.some(({ id, verb }: { id: string; verb: string }) => id === 'vm:n1/100' && verb === 'keep'))
    const gone = await operator.run([
      'vm',
      'destroy',
      'old',
      '--site',
      'lab.yaml',
      '--lab-dir',
      dir,
      '--confirm',
      'old',
    ])
    assert.equal(gone.exit, 1)
    assert.match(gone.err, /was there before orion/)
  })

  it('refuses what is no host, and writes nothing', async () => {
    for (const [args, words] of [
      [['10.0.0.1', '--name', 'x y'], /--name is not a name/],
      [['no;host'], /neither a node of the site file nor a host/],
      [['nowhere', '--lab-dir', dir, '--site', join(operator.home, 'made.yaml')], /its nodes are n1/],
      [[], /bootstrap import wants NODE/],
    ] as const) {
      const { exit, err } = await operator.run(['bootstrap', 'import', ...args, '--out', 'none.yaml'])
      assert.equal(exit, 2, err)
      assert.match(err, words)
    }
    assert.equal(existsSync(join(operator.home, 'none.yaml')), false)
  })
})
