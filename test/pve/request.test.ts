import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodePath, toRequest } from '../../src/pve/request.ts'

const CONFIG = '/api2/json/nodes/*/qemu/*/config'

describe('request', () => {
  const paths: readonly [string, string, string][] = [
    ['/api2/json/nodes/pve/qemu/100/config', CONFIG, '/api2/json/nodes/pve/qemu/100/config'],
    ['/api2/json/access/users/a?b#c@pve', '/api2/json/access/users/*', '/api2/json/access/users/a%3Fb%23c%40pve'],
    ['/api2/json/a/local:iso%2Fx y.iso', '/api2/json/a/*', '/api2/json/a/local%3Aiso%2Fx%20y.iso'],
    ['/api2/json/a/%2E%2E', '/api2/json/a/*', '/api2/json/a/%252E%252E'],
    ['/api2/json/a/...', '/api2/json/a/*', '/api2/json/a/...'],
  ]
  for (const [path, template, want] of paths) {
    it(`${path} goes out as ${want}`, () => assert.equal(encodePath(path, template), want))
  }

  const climbing: readonly [string, string][] = [
    ['/api2/json/nodes/../version', '/api2/json/nodes/*/version'],
    ['/api2/json/nodes/./version', '/api2/json/nodes/*/version'],
    ['/api2/json/nodes//version', '/api2/json/nodes/*/version'],
    ['/api2/json/../version', '/api2/json/../version'],
    ['/api2/json/nodes/a\nb', '/api2/json/nodes/*'],
    ['/api2/json/nodes/\ud800', '/api2/json/nodes/*'],
    ['/api2/json/nodes/a/b', '/api2/json/nodes/*'],
  ]
  for (const [path, template] of climbing) {
    it(`refuses ${JSON.stringify(path)}`, () =>
      assert.throws(() => toRequest('get', path, template), { code: 'E_PVE_PARAMETERS' }))
  }

  it('an id is one segment and comes back as it was, or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        fc.pre(!id.includes('%2F')) // what the proxy makes of a slash
        let path: string
        try {
          path = encodePath(`/api2/json/nodes/${id.replaceAll('/', '%2F')}/version`, '/api2/json/nodes/*/version')
        } catch {
          return
        }
        const [, api, , , segment = '', last, ...rest] = new URL(path, 'https://pve').pathname.split('/')
        assert.deepEqual([api, decodeURIComponent(segment), last, rest], ['api2', id, 'version', []])
      }),
    )
  })

  const forms: readonly [Record<string, unknown>, string][] = [
    [{ a: true, b: false, c: 0, d: 1.5 }, 'a=1&b=0&c=0&d=1.5'],
    [{ a: undefined, b: '', list: ['x', 2, undefined, true], none: [] }, 'b=&list=x&list=2&list=1'],
    [{ 'ä&': 'ö=+ %' }, '%C3%A4%26=%C3%B6%3D%2B%20%25'],
    [{ sshkeys: encodeURIComponent('ssh-ed25519 A+/ me') }, 'sshkeys=ssh-ed25519%2520A%252B%252F%2520me'],
  ]
  for (const [params, want] of forms) {
    it(`${JSON.stringify(params)} → ${want}`, () => {
      const before = structuredClone(params)
      assert.equal(toRequest('put', '/api2/json/a', '/api2/json/a', params).body, want)
      assert.equal(toRequest('delete', '/api2/json/a', '/api2/json/a', params).path, `/api2/json/a?${want}`)
      assert.deepEqual(params, before)
    })
  }

  for (const value of [
    null,
    {},
    new Date(0),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [['x']],
    [{}],
    () => 1,
    Symbol('x'),
    '\ud800',
  ]) {
    it(`refuses the value ${Object.prototype.toString.call(value)} and does not repeat it`, () =>
      assert.throws(() => toRequest('post', '/api2/json/a', '/api2/json/a', { secret: value }), {
        code: 'E_PVE_PARAMETERS',
        message: /"secret" of POST \/a is no text/,
      }))
  }

  it('its title has ids, and no values', () => {
    const { title } = toRequest('get', '/api2/json/users/a@pve', '/api2/json/users/*', { password: 'geheim' })
    assert.equal(title, 'GET /users/a@pve')
  })

  it('refuses other methods', () =>
    assert.throws(() => toRequest('patch', '/api2/json/a', '/api2/json/a'), { code: 'E_PVE_PARAMETERS' }))
})
