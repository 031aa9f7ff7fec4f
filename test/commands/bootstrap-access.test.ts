// orion bootstrap access without --lab: over SSH alone, as on a real node; then certificates that change.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { labCertificate } from '../../src/lab/certificate.ts'
import { findLab, stopLab } from '../../src/lab/lab.ts'
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

  const site = (fingerprint?: string, port = lab.clusters.small?.port) => {
    const ssh = `ssh: { port: ${lab.hosts.n1?.port}, identityFile: ${lab.identityFile} }`
    const pin = fingerprint === undefined ? '' : `, fingerprint: "${fingerprint}"`
    writeFileSync(file, siteText(`, ${ssh}, api: { port: ${port}${pin} }`))
  }
  /** Another machine at the address of the API, with a certificate of its own; gives what it was told, beyond TLS. */
  const between = async (run: (port: number) => Promise<void>): Promise<string> => {
    const dir = join(operator.home, 'between')
    mkdirSync(dir, { recursive: true })
    let told = ''
    const server = createServer(await labCertificate(dir), (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        told += data.toString()
      })
    })
    server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await run((server.address() as AddressInfo).port)
    } finally {
      server.close()
    }
    return told
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
    assert.match(out, /Verify: 6 ok/)
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

  it('takes the certificate that the node really has from now on', async () => {
    const old = lab.clusters.small?.fingerprint
    await stopLab(lab.dir)
    rmSync(join(lab.dir, 'certificate.json'))
    await openLabFor(file, lab.dir, [process.execPath, BIN, 'lab', '--serve'])
    const found = await findLab(lab.dir)
    assert.ok(found?.clusters.small && found.clusters.small.fingerprint !== old)
    lab = found
    site()
    const { exit, err } = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    assert.equal(exit, 0, err)
    assert.equal(err.split('was renewed').length, 2, err)
    assert.equal(document().pins[0].fingerprint, lab.clusters.small?.fingerprint)
    const again = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    assert.deepEqual([again.exit, again.err], [0, ''])
  })

  it('refuses who is in between, says so, sends nothing and keeps the pin', async () => {
    const before = document()
    const told = await between(async (port) => {
      for (const command of [
        ['bootstrap', 'plan', '--only', 'Orion'],
        ['bootstrap', 'access', '--yes'],
      ]) {
        site(undefined, port)
        const { exit, out, err } = await operator.run(command)
        site()
        assert.notEqual(exit, 0)
        assert.match(flat(out + err), /Something between here and n1 answers for its API/)
      }
    })
    assert.equal(told, '')
    assert.deepEqual(document(), before)
  })

  it('does not go over the site file, and says what the host has', async () => {
    site(WRONG)
    const { exit, out } = await operator.run(['bootstrap', 'plan', '--only', 'Orion'])
    const before = document()
    const access = await operator.run(['bootstrap', 'access', '--yes', '--renew'])
    site()
    assert.deepEqual([exit, access.exit], [1, 1])
    assert.match(flat(out), /n1 itself says over SSH that it is its own/)
    assert.match(flat(access.err), /set nodes\.n1\.api\.fingerprint to/)
    assert.deepEqual(document(), before)
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
