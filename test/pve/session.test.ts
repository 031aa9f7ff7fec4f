import assert from 'node:assert/strict'
import { getSession } from '../../src/pve/session.ts'
import { getError, getStage, TICKET, TOKEN } from './client.ts'
import { type FakeServer, inTurn, type Reply, sendData } from './fake-server.ts'

describe('session', () => {
  const { connect, start } = getStage()

  const PERMIT = { ticket: 'PVE:root@pam:65000000::c2ln/+==', CSRFPreventionToken: '65000000:csrf' }
  const byLogin =
    (rest: Reply): Reply =>
    (response, seen, socket) =>
      (seen.url.endsWith('/access/ticket') ? sendData(PERMIT) : rest)(response, seen, socket)
  const getLogins = (server: FakeServer) => server.seen.filter(({ url }) => url.endsWith('/access/ticket')).length

  it('logs in once for many, and sends the second header only with writes', async () => {
    const server = await start(byLogin(sendData(null)))
    const { cluster } = connect([server], { as: TICKET })
    await Promise.all(Array.from({ length: 9 }, async () => await cluster.api.version.$get()))
    await cluster.api.pools.$post({ poolid: 'a' })
    assert.equal(getLogins(server), 1)
    assert.equal(server.seen[0]?.body, 'username=root%40pam&password=hunter2-hunter2')
    const cookie = `PVEAuthCookie=${encodeURIComponent(PERMIT.ticket)}`
    assert.deepEqual([server.seen[1]?.headers.cookie, server.seen[1]?.headers.csrfpreventiontoken], [cookie, undefined])
    assert.equal(server.seen.at(-1)?.headers.csrfpreventiontoken, PERMIT.CSRFPreventionToken)
    assert.equal(await cluster.who(), 'root@pam')
  })

  it('logs in again after a 401, once, for reads and writes', async () => {
    const server = await start(
      byLogin(inTurn((r) => r.writeHead(401, 'permission denied - invalid PVE ticket').end(), sendData(null))),
    )
    const { cluster } = connect([server], { as: TICKET })
    await cluster.api.pools.$post({ poolid: 'a' })
    assert.deepEqual([getLogins(server), server.seen.length], [2, 4])
    server.reply = byLogin((r) => r.writeHead(401, 'permission denied - invalid PVE ticket').end())
    const error = await getError(cluster.api.version.$get())
    assert.equal(error.code, 'E_PVE_AUTH')
    assert.deepEqual([getLogins(server), server.seen.length], [3, 7])
  })

  it('says to use a token where a second factor is asked for', async () => {
    const server = await start(sendData({ ...PERMIT, NeedTFA: 1 }))
    const error = await getError(connect([server], { as: TICKET }).cluster.version())
    assert.equal(error.code, 'E_PVE_AUTH')
    assert.match(error.suggestions.join(), /API token/)
  })

  it('a wrong password is E_PVE_AUTH and never shown', async () => {
    const server = await start((r) => r.writeHead(401, 'authentication failure hunter2-hunter2').end())
    const error = await getError(connect([server], { as: TICKET }).cluster.version())
    assert.equal(error.code, 'E_PVE_AUTH')
    assert.doesNotMatch(JSON.stringify([error.message, error.suggestions, error.stack]), /hunter2/)
  })

  it('a token that is refused is E_PVE_AUTH with the reason phrase, at once', async () => {
    const server = await start((r) => r.writeHead(401, 'invalid token value!').end())
    const error = await getError(connect([server]).cluster.version())
    assert.equal(error.code, 'E_PVE_AUTH')
    assert.match(error.message, /invalid token value!/)
    assert.equal(server.seen.length, 1)
  })

  it('a token that does not fit into a header is refused before anything is sent', async () => {
    const server = await start()
    const { cluster } = connect([server], { as: { ...TOKEN, secret: 'a\r\nx: y' } as never })
    const error = await getError(cluster.version())
    assert.equal(error.code, 'E_PVE_AUTH')
    assert.equal(server.seen.length, 0)
  })

  it('a ticket is renewed after an hour and a half', async () => {
    let now = 1_000_000
    let logins = 0
    const send = async () => {
      logins += 1
      const text = JSON.stringify({ data: { ticket: `PVE:${logins}`, CSRFPreventionToken: 'c' } })
      return { status: 200, reason: 'OK', contentType: 'application/json', text, tooLarge: false }
    }
    const session = getSession(
      async () => TICKET,
      send,
      'site',
      () => now,
    )
    const first = await session.pass(false)
    now += 89 * 60_000
    assert.equal((await session.pass(true)).headers.cookie, first.headers.cookie)
    now += 2 * 60_000
    assert.equal((await session.pass(true)).headers.cookie, 'PVEAuthCookie=PVE%3A2')
    // A 401 for the old ticket is no reason to drop the new one.
    assert.equal(session.renew(first), true)
    await session.pass(true)
    assert.equal(logins, 2)
  })

  it('asks again for credentials that could not be had', async () => {
    let asked = 0
    const credentials = async () => {
      asked += 1
      if (asked === 1) throw new Error('locked')
      return TOKEN
    }
    const session = getSession(credentials, async () => assert.fail('no login'), 'site')
    await assert.rejects(session.pass(false), /locked/)
    await session.pass(false)
    await session.pass(true)
    assert.equal(asked, 2)
  })
})
