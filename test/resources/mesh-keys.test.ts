// Keys of a gateway as a resource: what is missing, and that a render never makes one anew. The program itself: parts/mesh/orion-mesh.test.ts.
import assert from 'node:assert/strict'
import type { Seen } from '../../src/host/host.ts'
import { meshKeys } from '../../src/resources/mesh-keys.ts'

const seen = (text: string): Seen => ({
  files: new Map(),
  commands: new Map([['mesh-public', { code: 0, stdout: text, stderr: '' }]]),
})
const resource = (identity: boolean) =>
  meshKeys({ host: 'a', interfaces: ['wg-b', 'wg-c'], identity, needs: ['packages:a/mesh'], wish: {} })
const fields = (identity: boolean, text?: string) =>
  resource(identity)
    .diff(text === undefined ? undefined : seen(text))
    .map(({ field }) => field)

describe('resources/mesh-keys', () => {
  const ROWS: readonly (readonly [string, boolean, string | undefined, readonly string[]])[] = [
    ['nothing there', true, undefined, ['key of wg-b', 'key of wg-c', 'identity (ML-DSA-65)']],
    ['a classical mesh', false, undefined, ['key of wg-b', 'key of wg-c']],
    ['one link is new', true, 'wg-b K\nidentity X\n', ['key of wg-c']],
    ['everything there', true, 'wg-b K\nwg-c K\nidentity X\n', []],
    ['an OpenSSL that cannot', true, 'wg-b K\nwg-c K\nidentity none\n', []],
    ['a link that is gone', false, 'wg-b K\nwg-c K\nwg-old K\n', []],
  ]
  for (const [what, identity, text, want] of ROWS) it(what, () => assert.deepEqual(fields(identity, text), want))

  it('no difference holds a key', () => {
    const all = resource(true).diff(undefined)
    assert.ok(all.every(({ want, have }) => want === 'made on the host' && have === undefined))
    assert.equal(resource(true).id, 'mesh-keys:a/links')
  })

  it('makes only what is not there, on the host', async () => {
    const asked: (readonly string[])[] = []
    const host = { name: 'a', run: async (argv: readonly string[]) => asked.push(argv), forget: () => undefined }
    const outside = { host: async () => host } as unknown as Parameters<ReturnType<typeof meshKeys>['create']>[0]
    await resource(true).create(outside, () => undefined)
    assert.deepEqual(asked[0]?.slice(3), ['orion-mesh-keys', 'wg-b', 'wg-c', 'identity'])
    assert.match(asked[0]?.[2] ?? '', /\[ -s "keys\/\$one\.key" \] && continue/)
  })
})
