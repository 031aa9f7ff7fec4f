// orion bootstrap access without --lab: over SSH alone, as on a real node; then certificates that change.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findLab } from '../../src/lab/lab.ts'
import type { LabAccess } from '../../src/lab/lab-files.ts'
import { BIN, newOperator, type Operator } from './orion.ts'
import { openLabFor } from './rehearsal.ts'

const siteText = (node: string) => `site: small
nodes: { n1: { address: 127.0.0.1${node} } }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
`

const WRONG = Array(32).fill('AB').join(':')

describe('orion bootstrap access', function () {
  this.timeout(60_000)
  let operator: Operator
  let lab: LabAccess
  let file: string
  let kept: string

  before(async () => {
    operator = newOperator()
    file = join(operator.home, 'orion.yaml')
    kept = join(operator.home, 'config', 'orion', 'credentials.json')
    writeFileSync(file, siteText(''))
    const dir = join(operator.home, 'node')
    await openLabFor(file, dir, [process.execPath, BIN, 'lab', '--serve'])
    const found = await findLab(dir)
    assert.ok(found?.hosts.n1)
    lab = found
    mkdirSync(join(operator.home, '.ssh'))
    copyFileSync(lab.knownHosts, join(operator.home, '.ssh', 'known_hosts'))
    site()
  })
  after(() => operator.leave())

  const site = (fingerprint?: string) => {
    const ssh = `ssh: { port: ${lab.hosts.n1?.port}, identityFile: ${lab.identityFile} }`
    const pin = fingerprint === undefined ? '' : `, fingerprint: "${fingerprint}"`
    writeFileSync(file, siteText(`, ${ssh}, api: { port: ${lab.clusters.small?.port}${pin} }`))
  }
  const document = () => JSON.parse(readFileSync(kept, 'utf8'))
  const flat = (text: string) => text.replace(/\s+/g, ' ')

  it('says what to do where there is no token yet', async () => {
    const { exit, out } = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    assert.equal(exit, 1)
    assert.match(flat(out), /orion|run\.js bootstrap access/)
  })

  it('makes, keeps and proves it, without a password or a token', async () => {
    const { exit, out, err } = await operator.run(['bootstrap', 'access', '--yes'])
    assert.equal(exit, 0, out + err)
    assert.match(out, /4 to create/)
    assert.match(out, /Verify: 5 ok/)
    assert.equal(statSync(kept).mode & 0o777, 0o600)
    const { credentials, pins } = document()
    assert.equal(credentials[0].id, 'orion@pve!orion')
    assert.deepEqual(pins, [{ site: 'small', node: 'n1', fingerprint: lab.clusters.small?.fingerprint }])
    assert.ok(!(out + err).includes(credentials[0].secret))
  })

  it('changes nothing the second time, and the API works with what is kept', async () => {
    const again = await operator.run(['bootstrap', 'access', '--yes'])
    assert.equal(again.exit, 0, again.out + again.err)
    assert.match(again.out, /0 to create, 0 to change/)
    const plan = await operator.run(['vm', 'plan'])
    assert.equal(plan.exit, 0, plan.out + plan.err)
  })

  it('reads a renewed certificate over SSH, keeps it, says so in one line, and goes on', async () => {
    const before = document()
    writeFileSync(kept, JSON.stringify({ ...before, pins: [{ site: 'small', node: 'n1', fingerprint: WRONG }] }))
    const { exit, err } = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    assert.equal(exit, 0, err)
    assert.match(err, /^The API certificate of n1 was renewed; its new fingerprint was read over SSH and kept\.$/m)
    assert.deepEqual(document(), before)
  })

  it('does not go over the site file, and says what the host has', async () => {
    site(WRONG)
    const { exit, out } = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    site()
    assert.equal(exit, 1)
    assert.match(flat(out), /n1 itself says over SSH that it is its own/)
  })

  it('prints the token for CI, alone on stdout, and keeps nothing', async () => {
    const before = document()
    const { exit, out, err } = await operator.run(['bootstrap', 'access', '--print-token', '--renew', '--yes'])
    assert.equal(exit, 0, err)
    const [id, secret, prints, ...rest] = out.trimEnd().split('\n')
    assert.equal(id, 'ORION_TOKEN_ID=orion@pve!orion')
    assert.match(secret ?? '', /^ORION_TOKEN_SECRET=[0-9a-f-]{36}$/)
    assert.equal(prints, `ORION_FINGERPRINTS=n1=${lab.clusters.small?.fingerprint}`)
    assert.deepEqual(rest, [])
    assert.deepEqual(document(), before)
    const env = Object.fromEntries(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    )
    const ci = await operator.run(['bootstrap', 'plan', '--only', 'Orion'], {
      env: { ...env, XDG_CONFIG_HOME: join(operator.home, 'ci') },
    })
    assert.equal(ci.exit, 0, ci.out + ci.err)
  })

  it('says that the kept token is refused now, and how to make it anew', async () => {
    const refused = await operator.run(['bootstrap', 'access', '--yes'])
    assert.notEqual(refused.exit, 0)
    assert.match(refused.out, /bootstrap access --renew/)
    const renewed = await operator.run(['bootstrap', 'access', '--yes', '--renew'])
    assert.equal(renewed.exit, 0, renewed.out + renewed.err)
  })

  it('refuses a host whose key it does not know', async () => {
    writeFileSync(join(operator.home, '.ssh', 'known_hosts'), '')
    const { exit, err } = await operator.run(['bootstrap', 'access', '--yes'])
    copyFileSync(lab.knownHosts, join(operator.home, '.ssh', 'known_hosts'))
    assert.equal(exit, 1)
    assert.match(flat(err), /SHA256:/)
  })
})
