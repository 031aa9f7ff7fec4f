// How API and hosts are reached without --lab: as on a real node, with address, ports, pinned certificate, token, key and known_hosts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findLab } from '../../src/lab/lab.ts'
import { needs } from '../setup.ts'
import { BIN, newOperator, type Operator } from './orion.ts'
import { openLabFor } from './rehearsal.ts'

const siteText = (api: string, ssh = '{}') => `site: small
nodes:
  n1: { address: 127.0.0.1, api: ${api}, ssh: ${ssh} }
networks: { lan: { bridge: vmbr0, ipv4: 127.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
images: { alpine: { template: alpine-3 } }
guests:
  one: { id: 100, kind: ct, image: alpine, storage: local-zfs, memory: 512M, disk: 2G, onboot: true, nics: { lan: 127.0.0.5 } }
`

describe('the way to the API', function () {
  this.timeout(60_000)
  let operator: Operator
  let file: string
  let reach: { port: number; fingerprint: string; token: { id: string; secret: string } }
  let ssh: string

  before(async () => {
    operator = newOperator()
    file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText('{}'))
    const dir = join(operator.home, 'node')
    await openLabFor(file, dir, [process.execPath, BIN, 'lab', '--serve'])
    const access = await findLab(dir)
    assert.ok(access?.clusters.small)
    reach = access.clusters.small
    ssh = `{ port: ${access.hosts.n1?.port}, user: root, identityFile: ${access.identityFile} }`
    mkdirSync(join(operator.home, '.ssh'), { mode: 0o700 })
    copyFileSync(access.knownHosts, join(operator.home, '.ssh', 'known_hosts'))
  })
  after(() => operator.leave())

  const api = (more: string) => writeFileSync(file, siteText(`{ port: ${reach.port}, ${more} }`, ssh))

  it('refuses a certificate that is not the pinned one, and shows both', async () => {
    const wrong = Array(32).fill('AB').join(':')
    api(`fingerprint: "${wrong}", token: { id: "${reach.token.id}", secret: { env: SECRET } }`)
    const { exit, out, err } = await operator.run(['bootstrap', 'plan'], { env: { SECRET: reach.token.secret } })
    assert.equal(exit, 1)
    assert.match((out + err).replace(/\s+/g, ' '), /fingerprint/i)
    assert.doesNotMatch(out + err, new RegExp(reach.token.secret))
  })

  it('refuses a self-signed certificate that nothing pins', async () => {
    api(`token: { id: "${reach.token.id}", secret: { env: SECRET } }`)
    const env = { SECRET: reach.token.secret, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const { exit, out } = await operator.run(['bootstrap', 'plan'], { env })
    assert.equal(exit, 1)
    assert.match(out, /certificate/i)
  })

  it('says which variable of a secret reference is not set', async () => {
    api(`fingerprint: "${reach.fingerprint}", token: { id: "${reach.token.id}", secret: { env: SECRET } }`)
    const { exit, out, err } = await operator.run(['bootstrap', 'plan'])
    assert.notEqual(exit, 0)
    assert.match(out + err, /SECRET/)
  })

  it('works with a token of the environment, keeps its own 0600, and uses that from then on', async () => {
    api(`fingerprint: "${reach.fingerprint}"`)
    const env = { ORION_TOKEN_ID: reach.token.id, ORION_TOKEN_SECRET: reach.token.secret }
    const built = await operator.run(['bootstrap', '--yes', '--json'], { env })
    assert.equal(built.exit, 0, built.out + built.err)
    const kept = join(operator.home, 'config', 'orion', 'credentials.json')
    assert.equal(statSync(kept).mode & 0o777, 0o600)
    const secret = JSON.stringify(JSON.parse(readFileSync(kept, 'utf8'))).match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0]
    assert.ok(secret)
    assert.doesNotMatch(built.out, new RegExp(secret))
    const again = await operator.run(['bootstrap', '--yes'])
    assert.equal(again.exit, 0, again.out + again.err)
    assert.match(again.out, /0 to create, 0 to change/)
  })

  it('falls back to the token of the environment where its own is gone, and makes its own anew', async function () {
    await needs(this, ['curl'])
    const dir = join(operator.home, 'node')
    const auth = `Authorization: PVEAPIToken=${reach.token.id}=${reach.token.secret}`
    const url = `https://127.0.0.1:${reach.port}/api2/json/access/users/orion@pve`
    execFileSync('curl', [
      '--silent',
      '--fail',
      '--cacert',
      join(dir, 'certificate.pem'),
      '-X',
      'DELETE',
      '-H',
      auth,
      url,
    ])
    const refused = await operator.run(['bootstrap', 'plan'])
    assert.equal(refused.exit, 1)
    assert.match(refused.out.replace(/\s+/g, ' '), /credentials|token/i)
    const env = { ORION_TOKEN_ID: reach.token.id, ORION_TOKEN_SECRET: reach.token.secret }
    const mended = await operator.run(['bootstrap', '--yes'], { env })
    assert.equal(mended.exit, 0, mended.out + mended.err)
    assert.match(mended.out, /\+ user/)
    assert.equal((await operator.run(['bootstrap', 'plan'])).exit, 0, 'with the new token alone')
  })

  it('refuses a host whose key nobody knows, and says what to compare', async () => {
    const known = join(operator.home, '.ssh', 'known_hosts')
    const text = readFileSync(known, 'utf8')
    writeFileSync(known, '')
    const { exit, out } = await operator.run(['net', 'plan'])
    writeFileSync(known, text)
    assert.equal(exit, 1)
    assert.match(out, /SHA256:/)
  })

  it('what the API alone can do is done all the same: the node hears of it later, and nobody is asked', async () => {
    const known = join(operator.home, '.ssh', 'known_hosts')
    const text = readFileSync(known, 'utf8')
    writeFileSync(known, '')
    const stopped = await operator.run(['vm', 'stop', 'one', '--yes'])
    writeFileSync(known, text)
    assert.equal(stopped.exit, 0, stopped.out)
    assert.match(stopped.err, /Not in the journal of n1 \(E_HOST_KEY\) yet/)
    assert.doesNotMatch(stopped.out + stopped.err, /SHA256:/)
    const journal = join(operator.home, 'state', 'orion', 'small', 'journal.jsonl')
    assert.equal(statSync(journal).mode & 0o777, 0o600)
    assert.match(readFileSync(journal, 'utf8'), /"command":"vm stop one"/)
    const started = await operator.run(['vm', 'start', 'one', '--yes'])
    assert.doesNotMatch(started.err, /Not in the journal/)
    const checked = await operator.run(['verify', '--journal'])
    assert.equal(checked.exit, 0, checked.out)
  })

  it('names who is not there', async () => {
    writeFileSync(file, siteText('{ port: 1 }'))
    const { exit, out } = await operator.run(['vm', 'plan'])
    assert.equal(exit, 1)
    assert.match(out, /127\.0\.0\.1/)
    writeFileSync(file, siteText('{ port: 1 }', '{ port: 1 }'))
    const net = await operator.run(['net', 'plan', '--json'])
    assert.equal(net.exit, 1, net.out)
    assert.equal(JSON.parse(net.out).plan.steps[0].problem.code, 'E_HOST_UNREACHABLE')
  })
})
