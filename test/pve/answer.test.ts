import assert from 'node:assert/strict'
import { getError, getStage } from './client.ts'
import type { Reply } from './fake-server.ts'

describe('answer', () => {
  const { connect, start } = getStage()

  const strange: readonly [string, Reply, RegExp][] = [
    ['no JSON', (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"data": tru'), /cannot be read/],
    ['no data', (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('[1]'), /cannot be read/],
    ['HTML', (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /text\/html/],
    ['nothing', (r) => r.writeHead(200).end(), /no content type/],
    ['a redirect', (r) => r.writeHead(301, { location: '/' }).end(), /301/],
    [
      'a teapot in plain text',
      (r) => r.writeHead(501, 'Method not implemented').end('x'),
      /501: Method not implemented/,
    ],
  ]
  for (const [name, reply, pattern] of strange) {
    it(`${name} is an error that says so`, async () => {
      const server = await start(reply)
      const error = await getError(connect([server]).cluster.api.version.$get())
      assert.equal(error.code, 'E_PVE_ANSWER')
      assert.match(error.message, pattern)
    })
  }

  it('takes JSON by any spelling of its type', async () => {
    const server = await start((r) =>
      r.writeHead(200, { 'content-type': 'Application/JSON' }).end('{"data":{"version":"8.4.14"}}'),
    )
    assert.deepEqual(await connect([server]).cluster.version(), { major: 8, minor: 4, text: '8.4.14' })
  })
})
