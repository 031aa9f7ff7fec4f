import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { skip } from '../setup.ts'
import { getError, getStage, TOKEN } from './client.ts'
import { sendData, sendError } from './fake-server.ts'

describe('engine', () => {
  const { connect, start } = getStage()

  it('sends a token, encodes ids anew, and puts parameters where they belong', async () => {
    const server = await start(sendData([]))
    const { cluster } = connect([server])
    await cluster.api.access.users.$('a?b#c@pve').$put({ comment: 'a b&c=d', enable: true, groups: 'x' })
    await cluster.api.access.users.$('a@pve').$delete()
    const [put, remove] = server.seen
    assert.equal(put?.url, '/api2/json/access/users/a%3Fb%23c%40pve')
    assert.equal(put?.headers.authorization, `PVEAPIToken=${TOKEN.id}=${TOKEN.secret}`)
    assert.equal(put?.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(put?.body, 'comment=a%20b%26c%3Dd&enable=1&groups=x')
    assert.equal(remove?.method, 'DELETE')
    assert.equal(remove?.body, '')
    assert.equal(await cluster.who(), TOKEN.id)
  })

  it('sends parameters of DELETE in the query, without a body', async () => {
    const server = await start()
    await connect([server])
      .cluster.api.nodes.$('pve1')
      .qemu.$(100)
      .$delete({ purge: true, 'destroy-unreferenced-disks': false })
    assert.equal(server.seen[0]?.url, '/api2/json/nodes/pve1/qemu/100?purge=1&destroy-unreferenced-disks=0')
    assert.equal(server.seen[0]?.headers['content-length'], undefined)
    assert.equal(server.seen[0]?.headers['content-type'], undefined)
  })

  it('refuses an id that climbs, and sends nothing', async () => {
    const server = await start()
    const error = await getError(connect([server]).cluster.api.nodes.$('..').version.$get())
    assert.equal(error.code, 'E_PVE_PARAMETERS')
    assert.equal(server.seen.length, 0)
  })

  it('shows every call to the recorder', async () => {
    const server = await start()
    const calls: unknown[] = []
    await connect([server], { record: (call) => calls.push(call) })
      .cluster.api.nodes.$('pve1')
      .qemu.$(100)
      .config.$put({ cores: 2 })
    assert.deepEqual(calls, [
      {
        cluster: 'site',
        method: 'PUT',
        template: '/nodes/*/qemu/*/config',
        path: '/nodes/pve1/qemu/100/config',
        params: { cores: 2 },
      },
    ])
  })

  it('reaches an IPv6 address', async function () {
    const server = await start(sendData({ version: '9.1.4' }), '::1').catch(() => undefined)
    if (server === undefined) return skip(this, 'there is no IPv6 loopback here')
    assert.equal((await connect([server]).cluster.version()).major, 9)
    assert.equal(server.seen[0]?.headers.host, `[::1]:${server.port}`)
  })

  it('keeps connections alive, and makes no more than its limit', async () => {
    let now = 0
    let most = 0
    const server = await start(async (response, seen, socket) => {
      now += 1
      most = Math.max(most, now)
      await sleep(2)
      now -= 1
      sendData(seen.url)(response, seen, socket)
    })
    const { cluster } = connect([server], { concurrency: 3 })
    await Promise.all(Array.from({ length: 60 }, async (_, id) => await cluster.api.nodes.$('pve1').qemu.$(id).$get()))
    assert.equal(server.seen.length, 60)
    assert.equal(most, 3)
    assert.ok(server.connections() <= 3, `${server.connections()} connections`)
  })

  it('secrets of a request stay out of the error, also where the server repeats them', async () => {
    const secrets = { password: 'top secret/1', cipassword: 'ci-secret', sshkeys: 'ssh-ed25519%20AAAA%20me' }
    const server = await start((response, seen, socket) =>
      sendError(400, 'Parameter verification failed.', {
        all: `got ${seen.body} ${secrets.password} ${decodeURIComponent(secrets.sshkeys)} ${TOKEN.secret}`,
      })(response, seen, socket),
    )
    const error = await getError(
      connect([server])
        .cluster.api.nodes.$('pve1')
        .qemu.$post({ vmid: 100, ...secrets } as never),
    )
    assert.equal(error.code, 'E_PVE_PARAMETERS')
    assert.doesNotMatch(`${error.message}${error.stack}`, /top.{0,3}secret|ci-secret|AAAA|1111-/)
  })
})
