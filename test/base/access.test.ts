// `bootstrap access`: what is made over SSH alone, kept, printed, pinned and proved.
import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccessFlags, makeAccess } from '../../src/base/access.ts'
import type { ApiWish } from '../../src/base/api.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'
import { accessOf } from '../../src/parts/access.ts'
import { findCredential, keepCredential } from '../../src/pve/credentials.ts'
import { readPins } from '../../src/pve/pins.ts'
import type { Outside } from '../../src/resource.ts'
import { privilegesFor } from '../../src/resources/privileges.ts'
import type { Node } from '../../src/site/site.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'
import { testSite } from '../resources/test-site.ts'
import { fakeNode, print } from './fake-node.ts'

const [first] = testSite().nodes
const node = (name: string): Node => ({ ...(first as Node), name })
const SITE = testSite({ nodes: [node('n1'), node('n2')] })

/** What is written to a stream meanwhile. */
async function capture(stream: NodeJS.WriteStream, work: () => Promise<unknown>): Promise<string> {
  const { write } = stream
  const texts: string[] = []
  stream.write = (text: string | Uint8Array, ...rest: unknown[]) => {
    texts.push(String(text))
    const done = rest.find((one) => typeof one === 'function')
    if (typeof done === 'function') done()
    return true
  }
  try {
    await work()
  } finally {
    stream.write = write
  }
  return texts.join('')
}

describe('base/access', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-access-'))
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  const stage = () => {
    const world = fakeNode({ n1: print('AA'), n2: print('BB') })
    const credentials = join(dir, 'orion', 'credentials.json')
    const wishes: ApiWish[] = []
    const api = { missing: [] as string[] }
    const { outside } = fakeCluster({})
    const ways: Outside = {
      ...outside,
      host: world.host,
      keep: (cluster, token) => keepCredential(credentials, { site: SITE.name, cluster, ...token }),
    }
    const session: Session = {
      site: SITE,
      outside: ways,
      credentials,
      reconnect: async (wish) => {
        wishes.push(wish)
        const rights = privilegesFor(SITE, 9).filter((one) => !api.missing.includes(one))
        const permissions = { '/': Object.fromEntries(rights.map((right) => [right, 1])) }
        const users = [{ userid: 'orion@pve', expire: 0, tokens: [{ tokenid: 'orion', expire: 0 }] }]
        const answers = { 'GET /access/permissions': permissions, 'GET /access/users': users }
        return fakeCluster(answers, { who: 'orion@pve!orion' }).outside
      },
      dir: join(dir, 'locks'),
      lab: false,
      screen: {},
      close: async () => {},
    }
    const run = (flags: Partial<AccessFlags> = {}, json = true) =>
      makeAccess(
        { session, flags: { concurrency: 8, yes: true, ...flags }, json, command: 'bootstrap access' },
        accessOf,
      )
    return { world, session, wishes, credentials, api, run }
  }
  const writes = (ran: readonly string[]) => ran.filter((line) => !line.startsWith('get '))

  it('makes role, user, rights and token, keeps and pins, and proves as that token; then nothing is left to do', async () => {
    const { world, wishes, credentials, run } = stage()
    const { exit, document } = await run()
    assert.equal(exit, 0, JSON.stringify(document))
    const made = writes(world.ran).map((line) => line.split(' ').slice(0, 2).join(' '))
    // Role and user need nothing of each other.
    assert.deepEqual(made.slice(0, 2).sort(), ['create /access/roles', 'create /access/users'])
    assert.deepEqual(made.slice(2), ['set /access/acl', 'create /access/users/orion@pve/token/orion'])
    const kept = await findCredential(credentials, SITE.name, 'Lab')
    assert.deepEqual([kept?.id, kept?.secret], ['orion@pve!orion', 'geheim-1'])
    assert.equal((await stat(credentials)).mode & 0o777, 0o600)
    assert.deepEqual(await readPins(credentials, SITE.name), { n1: print('AA'), n2: print('BB') })
    assert.deepEqual(wishes.at(-1)?.tokens, { Lab: { id: 'orion@pve!orion', secret: 'geheim-1' } })
    assert.deepEqual(wishes.at(-1)?.pins, { n1: print('AA'), n2: print('BB') })
    assert.doesNotMatch(JSON.stringify(document), /geheim/)
    assert.doesNotMatch(world.ran.join('\n'), /geheim/)

    world.ran.length = 0
    const again = await run()
    assert.equal(again.exit, 0)
    assert.deepEqual(writes(world.ran), [])
  })

  it('names the privileges that are missing', async () => {
    const { api, run } = stage()
    api.missing.push('Sys.AccessNetwork', 'VM.Audit', 'Datastore.Allocate')
    const { exit, document } = await run()
    assert.equal(exit, 3)
    assert.match(JSON.stringify(document.verify), /Datastore\.Allocate/)
  })

  it('goes on to the next node where the first is down, and stops where a key is refused', async () => {
    const { world, run } = stage()
    world.down.set('n1', new OrionError('n1 is down', { code: 'E_HOST_UNREACHABLE' }))
    const { document } = await run()
    assert.match(JSON.stringify(document), /"access":\[\{"cluster":"Lab","node":"n2"/)
    world.down.set('n1', new OrionError('n1 has another key', { code: 'E_HOST_KEY' }))
    await assert.rejects(run(), { code: 'E_HOST_KEY' })
  })

  it('tells of every node where none can be reached', async () => {
    const { world, run } = stage()
    for (const name of ['n1', 'n2']) world.down.set(name, new OrionError(`${name} is down`, { code: 'E_HOST_TIMEOUT' }))
    await assert.rejects(run(), { code: 'E_HOST_UNREACHABLE', message: /n1 is down\n {2}n2 is down/ })
    await assert.rejects(run({ node: ['n2'] }), { code: 'E_HOST_TIMEOUT', message: 'n2 is down' })
    await assert.rejects(run({ node: ['n1', 'n3'] }), { code: 'E_USAGE' }, 'before n1 is asked')
  })

  it('names every cluster that cannot be reached, changes nothing, and says how to go on without them', async () => {
    const clusters = ['north', 'south', 'west'].map((name) => ({ name, isp: [] }))
    const nodes = clusters.map(({ name }, at) => ({ ...node(`n${at + 1}`), cluster: name }))
    const { world, session } = stage()
    for (const name of ['n1', 'n3']) world.down.set(name, new OrionError(`${name} is down`, { code: 'E_HOST_TIMEOUT' }))
    const work = { flags: { concurrency: 8, yes: true }, json: true, command: 'bootstrap access' }
    await assert.rejects(
      makeAccess({ ...work, session: { ...session, site: testSite({ clusters, nodes }) } }, accessOf),
      ({ code, message, suggestions }: OrionError) => {
        assert.deepEqual([code, message], ['E_HOST_TIMEOUT', 'n1 is down\nn3 is down'])
        assert.match(suggestions.at(-1) ?? '', /orion bootstrap access --node n2$/)
        return true
      },
    )
    assert.deepEqual(world.ran, [])
  })

  it('says that this is no Proxmox VE, or another name', async () => {
    const { world, run } = stage()
    delete world.certificates.n1
    await assert.rejects(run(), { code: 'E_PVE_ANSWER', message: /n1 does not tell the certificate/ })
    assert.deepEqual(world.ran, [])
  })

  it('says which node of the cluster has no certificate there, and goes on', async () => {
    const { world, run } = stage()
    delete world.certificates.n2
    const err = await capture(process.stderr, async () => {
      await capture(process.stdout, async () => assert.equal((await run({}, false)).exit, 0))
    })
    assert.match(err.replace(/\s+/g, ' '), /certificate of n2 is not known: Lab has no \/etc\/pve\/nodes\/n2\./)
  })

  it('a token whose secret is not kept is a problem, and changes nothing; --renew makes it anew', async () => {
    const { world, credentials, run } = stage()
    await run()
    await rm(credentials)
    world.ran.length = 0
    const lost = await run()
    assert.equal(lost.exit, 1)
    assert.match(JSON.stringify(lost.document), /orion bootstrap access --renew/)
    assert.deepEqual(writes(world.ran), [])
    const renewed = await run({ renew: true })
    assert.equal(renewed.exit, 0)
    assert.equal((await findCredential(credentials, SITE.name, 'Lab'))?.secret, 'geheim-2')
  })

  it('prints the token once for CI, alone on stdout, and keeps nothing', async () => {
    const { world, credentials, run } = stage()
    let out = ''
    const err = await capture(process.stderr, async () => {
      out = await capture(process.stdout, async () => await run({ 'print-token': true }, false))
    })
    const pins = `n1=${print('AA')},n2=${print('BB')}`
    assert.equal(out, `ORION_TOKEN_ID=orion@pve!orion\nORION_TOKEN_SECRET=geheim-1\nORION_FINGERPRINTS=${pins}\n`)
    assert.match(err, /1 to create|4 to create/)
    assert.doesNotMatch(err, /geheim/)
    await assert.rejects(stat(credentials), { code: 'ENOENT' })
    assert.equal(world.secrets.length, 1)
  })

  it('--print-token asks no question', async () => {
    const { world, run } = stage()
    await assert.rejects(run({ 'print-token': true, yes: false }, false), { code: 'E_CONFIRM' })
    assert.deepEqual(world.ran, [])
  })

  it('--dry-run changes and keeps nothing', async () => {
    const { world, credentials, run } = stage()
    assert.equal((await run({ 'dry-run': true })).exit, 3)
    assert.deepEqual(writes(world.ran), [])
    await assert.rejects(stat(credentials), { code: 'ENOENT' })
  })
})
