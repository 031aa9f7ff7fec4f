import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { PlainError, readParams } from '../../src/lab/server-body.ts'

const formType = 'application/x-www-form-urlencoded'

function read(method: string, query: string, body = '', type?: string) {
  const headers = type === undefined ? {} : { 'content-type': type }
  const request = Object.assign(Readable.from(body === '' ? [] : [Buffer.from(body)]), { method, headers })
  return readParams(request as unknown as IncomingMessage, query)
}

describe('lab/server-body', () => {
  const rows: [string, string, string, string | undefined, Record<string, unknown>][] = [
    ['GET', 'a=1&b=x%20y+z', '', undefined, { a: '1', b: 'x y z' }],
    ['GET', 'a=1&_dc=77', '', undefined, { a: '1' }],
    ['POST', 'a=1', 'b=2', formType, { a: '1', b: '2' }],
    ['POST', '', 'b=2', undefined, { b: '2' }],
    ['POST', '', 'b=2', `${formType}; charset=UTF-8`, { b: '2' }],
    ['POST', '', 'v=1&v=2', formType, { v: '1\u00002' }],
    ['PUT', '', '{"a":[1,"x"],"b":true,"c":null}', 'application/json', { a: [1, 'x'], b: true, c: null }],
    ['POST', '', '__proto__=x', formType, JSON.parse('{"__proto__":"x"}') as Record<string, unknown>],
  ]
  for (const [method, query, body, type, expected] of rows) {
    it(`${method} ?${query} ${body} (${type ?? 'no type'})`, async () => {
      assert.deepEqual({ ...(await read(method, query, body, type)) }, { ...expected })
    })
  }

  const refused: [string, string, string | undefined, number][] = [
    ['DELETE', 'a=1', formType, 501],
    ['GET', 'a=1', formType, 501],
    ['POST', '[]', 'application/json', 500],
    ['POST', '{', 'application/json', 500],
    ['POST', '<a/>', 'text/xml', 506],
    ['POST', 'x'.repeat(512 * 1024 + 1), formType, 501],
  ]
  for (const [method, body, type, status] of refused) {
    it(`${method} ${body.slice(0, 10)} (${type ?? 'no type'}): ${status}`, async () => {
      await assert.rejects(read(method, '', body, type), { status })
    })
  }

  it('gives parameters or a refusal for any body', async () => {
    const type = fc.constantFrom(formType, 'application/json', 'text/plain', undefined)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), type, async (body, contentType) => {
        try {
          assert.equal(typeof (await read('POST', '', body, contentType)), 'object')
        } catch (error) {
          assert.ok(error instanceof PlainError)
        }
      }),
    )
  })
})
