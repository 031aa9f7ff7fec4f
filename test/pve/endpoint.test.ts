import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { OrionError } from '../../src/errors.ts'
import { getAddress } from '../../src/pve/endpoint.ts'
import { getError, getStage } from './client.ts'
import { getCertificate, sendData } from './fake-server.ts'

describe('endpoint', () => {
  const { add, connect, start } = getStage()

  const startTls = async () => {
    const { key, cert, fingerprint } = await getCertificate()
    let bytes = 0
    const server = createTlsServer({ key, cert }, (socket) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length
      })
      socket.on('error', () => undefined)
    })
    server.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    add({ close: async () => await new Promise((resolve) => server.close(resolve)) })
    return { port: (server.address() as AddressInfo).port, fingerprint, bytes: () => bytes }
  }

  it('refuses another certificate before a byte of HTTP', async () => {
    const server = await startTls()
    const wrong = 'AB:'.repeat(31) + 'AB'
    const { cluster } = connect([{ host: '127.0.0.1', port: server.port, fingerprint: wrong }])
    const error = await getError(cluster.api.access.users.$post({ userid: 'a@pve', password: 'not-for-you' }))
    assert.equal(error.code, 'E_PVE_CERTIFICATE')
    assert.match(error.message, new RegExp(`expected ${wrong}`))
    assert.match(error.message, new RegExp(`seen +${server.fingerprint}`))
    assert.ok(error.suggestions.length > 0)
    await sleep(20)
    assert.equal(server.bytes(), 0)
  })

  it('refuses a self-signed certificate without a pin, whatever the environment says', async () => {
    const server = await startTls()
    const { emitWarning, env } = process
    const before = env.NODE_TLS_REJECT_UNAUTHORIZED
    env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    process.emitWarning = () => undefined // Node warns about the variable
    try {
      const error = await getError(connect([{ host: '127.0.0.1', port: server.port }]).cluster.version())
      assert.equal(error.code, 'E_PVE_CERTIFICATE')
      assert.match(error.message, new RegExp(server.fingerprint))
    } finally {
      process.emitWarning = emitWarning
      if (before === undefined) delete env.NODE_TLS_REJECT_UNAUTHORIZED
      else env.NODE_TLS_REJECT_UNAUTHORIZED = before
    }
    assert.equal(server.bytes(), 0)
  })

  it('takes a pin without colons, in lower case, on every new connection', async () => {
    const server = await start((response, seen, socket) => {
      response.setHeader('connection', 'close')
      sendData({ version: '9.1.4' })(response, seen, socket)
    })
    const fingerprint = server.fingerprint.replaceAll(':', '').toLowerCase()
    const { cluster } = connect([{ ...server, fingerprint }])
    for (let i = 0; i < 3; i += 1) await cluster.api.version.$get()
    assert.equal(server.connections(), 3)
  })

  const old = 'AB:'.repeat(31) + 'AB'
  const ask = async (now: (own: string) => string | undefined | Error) => {
    const server = await start(sendData({ version: '9.1.4' }))
    const asked: string[] = []
    const renewed = async (seen: string) => {
      asked.push(seen)
      const answer = now(server.fingerprint)
      if (answer instanceof Error) throw answer
      return answer
    }
    const { host, port } = server
    const { cluster } = connect([{ host, port, fingerprint: old, renewed }])
    return { server, asked, cluster }
  }

  it('takes a renewed certificate where its host says so, after one question for all connections', async () => {
    const { server, asked, cluster } = await ask((own) => own.toLowerCase())
    await Promise.all([1, 2, 3].map(async () => await cluster.api.version.$get()))
    assert.deepEqual(asked, [server.fingerprint])
    assert.equal(server.seen.length, 3)
    await cluster.api.version.$get()
    assert.equal(asked.length, 1)
  })

  for (const [name, now, text] of [
    ['says another one', () => 'CD:'.repeat(31) + 'CD', /is not the expected one/],
    ['cannot be asked', () => undefined, /is not the expected one/],
    ['makes a refusal of its own', () => new OrionError('in between', { code: 'E_PVE_CERTIFICATE' }), /^in between$/],
  ] as const) {
    it(`refuses where its host ${name}, before a byte of HTTP`, async () => {
      const { server, cluster } = await ask(now)
      const error = await getError(cluster.api.pools.$post({ poolid: 'a' }))
      assert.equal(error.code, 'E_PVE_CERTIFICATE')
      assert.match(error.message, text)
      assert.deepEqual(server.seen, [])
    })
  }

  it('something that speaks no TLS is unreachable', async () => {
    const server = createServer((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .end('SSH-2.0-x\r\n'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    add({ close: async () => await new Promise((resolve) => server.close(resolve)) })
    const { port } = server.address() as AddressInfo
    const error = await getError(connect([{ host: '127.0.0.1', port }]).cluster.api.pools.$post({ poolid: 'a' }))
    assert.deepEqual([error.code, error.recheck], ['E_PVE_UNREACHABLE', false])
  })

  for (const [host, want] of [
    ['192.0.2.1', '192.0.2.1:8006'],
    ['2001:db8::1', '[2001:db8::1]:8006'],
    ['[2001:db8::1]', '[2001:db8::1]:8006'],
    ['pve.example', 'pve.example:8006'],
  ] as const) {
    it(`${host} → ${want}`, () => assert.equal(getAddress({ host, port: 8006 }), want))
  }
})
